using System.Collections.Frozen;
using System.Globalization;
using System.Text.Json;
using Agora.Api.Http;
using Microsoft.AspNetCore.Http;

namespace Agora.Operator;

/// <summary>What the console says, in the language that a browser asks for (RFC 9110 section 12.5.4). Names of members, ids and what people wrote stay as they are.</summary>
public sealed class Wording
{
    private static readonly FrozenDictionary<string, string> Japanese = Read("ja");

    private readonly FrozenDictionary<string, string>? _own;

    private Wording(string language, FrozenDictionary<string, string>? own) => (Language, _own) = (language, own);

    public string Language { get; }

    /// <summary>The text itself where it has no translation.</summary>
    public string this[string english] => _own is null ? english : _own.GetValueOrDefault(english, english);

    /// <summary>A text with places, <c>{0}</c> and on, for names.</summary>
    public string Of(string english, params string[] names) => string.Format(CultureInfo.InvariantCulture, this[english], names);

    public static Wording Of(HttpRequest request) => Languages.NameOf(request) is "ja" ? new("ja", Japanese) : new("en", null);

    /// <summary>A member's name as words, with a capital where the language has one.</summary>
    public string Member(string name) => this[Spoken(name)] is { Length: > 0 } spoken ? char.ToUpperInvariant(spoken[0]) + spoken[1..] : "";

    /// <summary>A code as words: one that has no translation without the signs between its own.</summary>
    public string Code(string code) => this[code] is var said && said != code ? said : this[Spoken(code)];

    /// <summary>An act's name as words: what a route calls put and patch, people call set and change.</summary>
    public string Act(string name) => Member(name).Replace("Put ", "Set ", StringComparison.Ordinal).Replace("Patch ", "Change ", StringComparison.Ordinal);

    public static string Spoken(string name)
    {
        var words = name.Replace('_', ' ').Replace('-', ' ');
        return words.EndsWith(" cents", StringComparison.Ordinal) ? words[..^6] : words.EndsWith(" id", StringComparison.Ordinal) ? words[..^3] : words;
    }

    private static FrozenDictionary<string, string> Read(string language)
    {
        using var file = typeof(Wording).Assembly.GetManifestResourceStream($"words.{language}.json")!;
        return JsonSerializer.Deserialize<Dictionary<string, string>>(file)!.ToFrozenDictionary(StringComparer.Ordinal);
    }
}
