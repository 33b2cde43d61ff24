/** `mov eax, 42; add eax, 100; ret`: the code that a guest's kernel carries at its start. */
export const KERNEL = Uint8Array.of(0xb8, 42, 0, 0, 0, 0x05, 100, 0, 0, 0, 0xc3);
