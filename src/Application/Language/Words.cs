using System.Collections.Frozen;
using System.Text.Json;
using System.Text.RegularExpressions;
using Agora.Core.Kernel;

namespace Agora.Application.Language;

/// <summary>
/// What we say, in another language. A sentence is looked up as it stands in English; where values stand in one, by the sentence around them, and the values keep their
/// places; of these only words of ours are translated, and where the own sentence has <c>{=}</c> not even they. A refusal whose sentence has no translation says what its code means: <c>details</c> has the facts. Names, ids and third parties' words stay as they are.
/// </summary>
internal sealed partial class Words
{
    private const string Place = "{}";
    private const string Or = " or ";
    private const string Comma = "、";

    private readonly FrozenDictionary<string, string> _codes;
    private readonly FrozenDictionary<string, string> _texts;
    private readonly FrozenDictionary<string, string> _pieces;
    private readonly IReadOnlyList<(Template English, string Own)> _withValues;

    private Words(string language)
    {
        Language = language;
        using var file = typeof(Words).Assembly.GetManifestResourceStream($"{language}.json")!;
        var resource = JsonSerializer.Deserialize<Resource>(file, JsonSerializerOptions.Web)!;
        _codes = resource.Codes.ToFrozenDictionary(StringComparer.Ordinal);
        _texts = resource.Texts.ToFrozenDictionary(StringComparer.Ordinal);
        _pieces = resource.Pieces.ToFrozenDictionary(StringComparer.Ordinal);
        _withValues = [.. resource.Texts.Where(one => one.Key.Contains(Place, StringComparison.Ordinal)).Select(one => (new Template(one.Key), one.Value))];
    }

    public static Words Japanese { get; } = new("ja");

    /// <summary>As RFC 5646 names it.</summary>
    public string Language { get; }

    /// <summary>The text itself where it has no translation.</summary>
    public string Of(string text) => Find(text) ?? text;

    public string Of(Rejection refusal) => Find(refusal.Message) ?? _codes.GetValueOrDefault(refusal.Code) ?? refusal.Message;

    public bool HasCode(string code) => _codes.ContainsKey(code);

    public string? Find(string text)
    {
        if (_texts.TryGetValue(text, out var exact)) return exact;

        foreach (var (english, own) in _withValues)
        {
            if (english.ValuesIn(text) is { } values) return Filled(own, values);
        }

        return null;
    }

    private string Filled(string own, string[] values)
    {
        var filled = 0;
        return Places.Replace(own, place => values[filled++] is var value && place.Value == Place ? Piece(value) : value);
    }

    /// <summary>A value that is a word of ours, or several of which one is wanted, or a whole sentence; any other stays as it is.</summary>
    private string Piece(string value) => value.Split(Or) is var words && words.All(_pieces.ContainsKey) ? string.Join(Comma, words.Select(word => _pieces[word]))
        : value is [.., '.' or '…'] && Find(value) is { } sentence ? sentence
        : value;

    /// <summary>A sentence with places for values, each of one character or more, and of as few as will do. (As 89 regular expressions they did not fit into a heap of 64 MB.)</summary>
    private sealed class Template(string english)
    {
        private readonly string[] _around = english.Split(Place);

        /// <summary>Null: the text is another sentence.</summary>
        public string[]? ValuesIn(string text)
        {
            if (!text.StartsWith(_around[0], StringComparison.Ordinal)) return null;

            var (values, at) = (new string[_around.Length - 1], _around[0].Length);
            for (var i = 0; i < values.Length; i++)
            {
                var (behind, isLast) = (_around[i + 1], i == values.Length - 1);
                var end = at >= text.Length || (isLast && !text.EndsWith(behind, StringComparison.Ordinal)) ? -1
                    : isLast ? text.Length - behind.Length
                    : text.IndexOf(behind, at + 1, StringComparison.Ordinal);
                if (end <= at) return null;

                values[i] = text[at..end];
                at = end + behind.Length;
            }

            return values;
        }
    }

    /// <summary>Has no timeout: it takes linear time, and on a busy machine a timeout would fail a correct reply.</summary>
    [GeneratedRegex("{=?}", RegexOptions.CultureInvariant)]
    private static partial Regex Places { get; }

    private sealed record Resource(Dictionary<string, string> Codes, Dictionary<string, string> Texts, Dictionary<string, string> Pieces);
}
