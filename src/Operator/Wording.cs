using System.Collections.Frozen;
using System.Globalization;
using System.Text.Json;
using Agora.Web;
using Microsoft.AspNetCore.Http;

namespace Agora.Operator;

/// <summary>What the console says, in the language that a browser asks for (RFC 9110 section 12.5.4). Names of members, ids and what people wrote stay as they are.</summary>
public sealed class Wording
{
    private static readonly FrozenDictionary<string, string> Japanese = Read("ja");

    /// <summary>Acts whose routes have names that nobody would say.</summary>
    private static readonly FrozenDictionary<string, string> Acts = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["put_grant"] = "Grant an agent",
        ["put_raise"] = "Raise caps for a while",
        ["end_raise"] = "End the raise",
        ["put_grant_raise"] = "Raise the total for a while",
        ["end_grant_raise"] = "End the raise",
        ["withdraw_users_consent"] = "Withdraw consent",
        ["link_user"] = "Make a link",
        ["end_any_session"] = "End session",
        ["cancel_any_run"] = "Cancel run",
        ["issue_person_code"] = "Give a code",
        ["sign_out_person"] = "Sign out everywhere",
        ["issue_agent_key"] = "Issue a key",
        ["revoke_agent_key"] = "Revoke key",
        ["revoke_agent_card"] = "Revoke card",
        ["issue_webhook_secret"] = "Issue a secret",
        ["decide_approval"] = "Decide",
        ["put_test_answers"] = "Set test answers",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Members that without their units would have the name of another, or say nothing.</summary>
    private static readonly FrozenDictionary<string, string> Members = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["unrated"] = "unrated calls",
        ["unrated_cents"] = "unrated amount",
        ["over_cents"] = "beyond what was held",
        ["mend"] = "fix",
        ["q"] = "search text",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private readonly FrozenDictionary<string, string>? _own;

    private Wording(string language, FrozenDictionary<string, string>? own) => (Language, _own) = (language, own);

    public string Language { get; }

    /// <summary>The text itself where it has no translation.</summary>
    public string this[string english] => _own is null ? english : _own.GetValueOrDefault(english, english);

    /// <summary>A text with places, <c>{0}</c> and on, for names.</summary>
    public string Of(string english, params string[] names) => string.Format(CultureInfo.InvariantCulture, this[english], names);

    /// <summary>A number of things: <paramref name="one"/> is the text for 1, <paramref name="many"/> for any other number.</summary>
    public string Count(long number, string one, string many) => Of(number == 1 ? one : many, Shown.Count(number));

    public static Wording Of(HttpRequest request) => Languages.NameOf(request) is "ja" ? new("ja", Japanese) : new("en", null);

    /// <summary>A member's name as words, with a capital where the language has one.</summary>
    public string Member(string name) => this[MemberInEnglish(name)] is { Length: > 0 } spoken ? char.ToUpperInvariant(spoken[0]) + spoken[1..] : "";

    /// <summary>A code as words: one that has no translation without the signs between its own.</summary>
    public string Code(string code) => this[code] is var said && said != code ? said : this[Spoken(code)];

    /// <summary>An act's name as people say it.</summary>
    /// <param name="isThere">It is about a thing that is there: put replaces that.</param>
    public string Act(string name, bool isThere = false)
    {
        if (_own?.GetValueOrDefault(Spoken(name)) is { } own) return own;
        if (Acts.GetValueOrDefault(name) is { } said) return said;

        return Member(name).Replace("Put ", isThere ? "Replace " : "Add ", StringComparison.Ordinal).Replace("Patch ", "Change ", StringComparison.Ordinal);
    }

    public static string MemberInEnglish(string name) => Members.GetValueOrDefault(name) ?? Spoken(name);

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
