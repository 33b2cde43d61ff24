/*
 * Prints what a processor makes of arithmetic: operation, bytes, a, b, flags before, result, flags after, hexadecimal.
 * flags.json holds every 3rd of its lines: gcc -O1 -mno-red-zone flags.c && ./a.out | awk 'NR % 3 == 1'
 */
#include <stdint.h>
#include <stdio.h>

#define STATUS 0x8d5 /* OF SF ZF AF PF CF */

static uint64_t state = 88172645463325252ULL;

static uint64_t next(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

/* Small numbers, numbers just below zero, single bits, masks and anything. */
static uint64_t pick(void)
{
	uint64_t r = next();

	switch (next() % 5) {
	case 0: return r % 20;
	case 1: return -(r % 20);
	case 2: return 1ULL << (r % 64);
	case 3: return (1ULL << (r % 64)) - 1;
	default: return r;
	}
}

static void line(const char *name, int size, uint64_t a, uint64_t b, uint64_t before, uint64_t value, uint64_t after)
{
	printf("%s %d %lx %lx %lx %lx %lx\n", name, size, a, b, before & STATUS, value, after & STATUS);
}

/* `form` is the instruction on %0 and, where it has a second operand, %3 or %cl. */
#define TRY(name, type, form, second) do { \
	type a = pick(), value = a, b = (second); \
	uint64_t before = (next() & STATUS) | 2, after; \
	asm volatile("push %2; popfq; " form "; pushfq; pop %1" \
		     : "+q"(value), "=&r"(after) : "r"(before), "c"(b) : "cc"); \
	line(name, sizeof(type), a, b, before, value, after); \
} while (0)

#define TWO(type, name) TRY(name, type, name " %3, %0", pick())
#define ONE(type, name) TRY(name, type, name " %0", 0)
#define SHIFT(type, name) TRY(name, type, name " %%cl, %0", next() % (next() & 1 ? 256 : 8 * sizeof(type)))

#define ALL(type) do { \
	TWO(type, "add"); TWO(type, "or"); TWO(type, "adc"); TWO(type, "sbb"); TWO(type, "and"); \
	TWO(type, "sub"); TWO(type, "xor"); TWO(type, "cmp"); TWO(type, "test"); \
	ONE(type, "not"); ONE(type, "neg"); ONE(type, "inc"); ONE(type, "dec"); \
	SHIFT(type, "shl"); SHIFT(type, "shr"); SHIFT(type, "sar"); \
} while (0)

int main(void)
{
	for (int i = 0; i < 24; i++) {
		ALL(uint8_t);
		ALL(uint16_t);
		ALL(uint32_t);
		ALL(uint64_t);
	}
	return 0;
}
