using Agora.X402;

namespace Agora.Application.Runs;

/// <summary>What runs need of the process's settings.</summary>
/// <param name="X402">How payments by x402 are taken. Null if they are not.</param>
/// <param name="Secret">At least 32 bytes, the same on every process of a cluster.</param>
internal sealed record RunSettings(PaymentTerms? X402, ReadOnlyMemory<byte> Secret);
