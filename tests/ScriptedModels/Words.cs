using System.Text;

namespace Agora.ScriptedModels;

/// <summary>Texts that only a seed decides, so that whoever knows it can say what each answer has to be.</summary>
public static class Words
{
    private static readonly string[] All =
    [
        "amber", "brook", "cedar", "dune", "ember", "fern", "grove", "harbor", "island", "juniper", "kite", "lantern", "meadow", "north", "orchard", "pebble",
        "quartz", "river", "stone", "timber", "under", "valley", "willow", "yonder", "zephyr", "and", "the", "of", "over", "a", "to", "far",
    ];

    /// <summary>Exactly so many tokens by <see cref="Tokens"/>: four bytes each, all of them ASCII.</summary>
    public static string Of(int tokens, int seed = 0) => OfBytes(tokens * Tokens.BytesEach, seed);

    public static string OfBytes(int length, int seed = 0)
    {
        var text = new StringBuilder(length + 8);
        foreach (var word in Endless(seed))
        {
            if (text.Length >= length) break;
            text.Append(word);
        }

        text.Length = length;
        if (length > 0 && text[^1] == ' ')
        {
            text[^1] = '.';
        }

        return text.ToString();
    }

    /// <summary>Each with the space behind it.</summary>
    public static IEnumerable<string> Endless(int seed)
    {
        for (var n = 0UL; ; n++)
        {
            yield return All[Mix(KeyOf(seed, n)) % (ulong)All.Length] + " ";
        }
    }

    internal static ulong KeyOf(int seed, ulong number) => ((ulong)unchecked((uint)seed) << 32) ^ number;

    /// <summary>SplitMix64's finish: near seeds give far numbers.</summary>
    internal static ulong Mix(ulong value)
    {
        unchecked
        {
            value += 0x9E3779B97F4A7C15;
            value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
            value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
            return value ^ (value >> 31);
        }
    }
}
