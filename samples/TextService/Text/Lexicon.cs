using System.Collections.Frozen;
using System.Globalization;
using System.Reflection;

namespace Agora.Samples.TextService.Text;

/// <summary>The word lists that travel inside the assembly. A line is a word, or a word, a tab and its weight; # starts a comment.</summary>
internal static class Lexicon
{
    public static readonly FrozenSet<string> StopWords =
        Lines("stopwords-en.txt").Concat(Lines("stopwords-ja.txt")).ToFrozenSet(StringComparer.Ordinal);

    /// <summary>Whole words, lower case, from -3 to 3.</summary>
    public static readonly FrozenDictionary<string, int> EnglishFeelings = Weighted("sentiment-en.txt");

    /// <summary>Stems that stand anywhere in a text, from -3 to 3.</summary>
    public static readonly FrozenDictionary<string, int> JapaneseFeelings = Weighted("sentiment-ja.txt");

    private static FrozenDictionary<string, int> Weighted(string file) => Lines(file)
        .Select(line => line.Split('\t'))
        .ToFrozenDictionary(parts => parts[0], parts => int.Parse(parts[1], CultureInfo.InvariantCulture), StringComparer.Ordinal);

    private static List<string> Lines(string file)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(file)
            ?? throw new InvalidOperationException($"The word list {file} is not in the assembly.");
        using var reader = new StreamReader(stream);
        return [.. reader.ReadToEnd().Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Where(line => !line.StartsWith('#'))];
    }
}
