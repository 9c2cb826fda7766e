using System.Globalization;
using System.Security.Cryptography;

namespace Agora.Differential.Tests;

/// <summary>How much is tried, and from which seed: a few seconds' worth with every <c>./test</c>, and as much as the environment says in the long form. What is drawn from a seed is the same each time.</summary>
internal static class Long
{
    /// <summary>Pairs of schema and instance (AGORA_DIFFERENTIAL_PAIRS).</summary>
    public static int Pairs { get; } = Setting("AGORA_DIFFERENTIAL_PAIRS", 2_400);

    /// <summary>Texts that are read as amounts (AGORA_DIFFERENTIAL_AMOUNTS).</summary>
    public static int Amounts { get; } = Setting("AGORA_DIFFERENTIAL_AMOUNTS", 100_000);

    /// <summary>Inputs over all decoders (AGORA_DIFFERENTIAL_DECODINGS).</summary>
    public static int Decodings { get; } = Setting("AGORA_DIFFERENTIAL_DECODINGS", 40_000);

    /// <summary>AGORA_DIFFERENTIAL_SEED, or another each time.</summary>
    public static int Seed { get; } = Setting("AGORA_DIFFERENTIAL_SEED", RandomNumberGenerator.GetInt32(int.MaxValue / 2));

    private static int Setting(string name, int otherwise) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;
}
