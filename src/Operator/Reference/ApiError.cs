using System.Text.RegularExpressions;

namespace Agora.Operator.Reference;

/// <summary>What there is to say of a code.</summary>
/// <param name="Paragraphs">What it means, when it comes, what to do; each as pieces, of which some are code.</param>
/// <param name="Example">Such a refusal, as JSON.</param>
public sealed partial record ApiError(string Code, IReadOnlyList<IReadOnlyList<(string Text, bool IsCode)>> Paragraphs, string Example)
{
    private const string Fence = "```";

    /// <summary>Of the code's page, whose Markdown has paragraphs, code, bold and links alone. Links lead to documents that no server has: what they are called stays.</summary>
    public static ApiError Read(string code, string page)
    {
        var parts = page.Split("\n\n", StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return new(
            code,
            [.. parts.Where(static part => !part.StartsWith('#') && !part.StartsWith(Fence, StringComparison.Ordinal)).Select(Pieces)],
            parts.FirstOrDefault(static part => part.StartsWith(Fence, StringComparison.Ordinal)) is { } fenced ? string.Join('\n', fenced.Split('\n')[1..^1]) : "");
    }

    private static IReadOnlyList<(string Text, bool IsCode)> Pieces(string paragraph) =>
        [.. Link().Replace(paragraph.Replace("**", "", StringComparison.Ordinal), "$1").Split('`').Select(static (text, at) => (text, at % 2 == 1)).Where(static piece => piece.text.Length > 0)];

    [GeneratedRegex(@"\[([^\]]+)\]\([^)]+\)")]
    private static partial Regex Link();
}
