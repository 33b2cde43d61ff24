/** A program to begin with. */
export interface Example {
  readonly id: string;
  readonly title: string;
  readonly text: string;
}

/** Small programs, each for one way in which a guest leaves. */
export const EXAMPLES: readonly Example[] = [
  {
    id: 'cpuid',
    title: 'CPUID',
    text: `; which processor is this? rbx holds a secret meanwhile
mov rbx, 0x5ec2e7
mov eax, 0x8000001f
xor ecx, ecx
cpuid
hlt
`,
  },
  {
    id: 'print',
    title: 'Print a string',
    text: `; to Xen's console; with plain SEV Xen cannot find the bytes
mov rsi, text
mov ecx, 6
mov edx, 0xe9
rep outsb
hlt
text: ascii "hello!"
`,
  },
  {
    id: 'lapic',
    title: 'Local APIC',
    text: `; its registers are memory that is not there: MMIO
mov rdi, 0x7f00fee00000
mov eax, [rdi + 0x30]
mov dword [rdi + 0x80], 0x20
mov ebx, [rdi + 0x80]
hlt
`,
  },
  {
    id: 'rdtsc',
    title: 'RDTSC',
    text: `; leaves the guest only where Xen intercepts it
rdtsc
mov esi, eax
rdtsc
sub eax, esi
hlt
`,
  },
  {
    id: 'secret',
    title: 'A secret in a loop',
    text: `; keys in registers: let Xen intercept PAUSE, and look
mov rax, 0x0123456789abcdef
mov rbx, 0xfedcba9876543210
movq xmm0, rax
mov ecx, 3
again:
xor rax, rbx
pause
loop again
hlt
`,
  },
];
