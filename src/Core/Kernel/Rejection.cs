using System.Text.Json;
using System.Text.Json.Serialization;

namespace Agora.Core.Kernel;

/// <summary>One thing wrong with a request's content.</summary>
/// <param name="Path">JSON Pointer (RFC 6901) into the body, or the name of a parameter.</param>
public sealed record Detail(string Path, string Keyword, string Message);

/// <summary>
/// A refusal: a state of affairs, not an exception.
/// </summary>
/// <param name="Message">A sentence an agent can act on; server text only.</param>
/// <param name="Details">What is wrong, one entry a violation; for <c>validation_failed</c> never empty.</param>
/// <param name="Facts">Named values that belong to the code (<c>run_id</c>, <c>resume_at</c>, <c>remaining_cents</c>), in order.</param>
/// <param name="RetryAfterSeconds">When trying again makes sense, or null.</param>
/// <param name="Retry">The same request may succeed later, without a change.</param>
/// <param name="RetryWith">How it is sent again, where that is not as its code's other refusals are (<see cref="Codes.RetryOf"/>); null: as these, and where <paramref name="Retry"/> says that it may be, with the same key.</param>
public sealed record Rejection(
    string Code,
    string Message,
    IReadOnlyList<Detail>? Details = null,
    IReadOnlyList<Fact>? Facts = null,
    long? RetryAfterSeconds = null,
    bool Retry = false,
    RetryWith? RetryWith = null)
{
    /// <summary>The message of a refusal whose details say what is wrong. The reply names the first of them in its place.</summary>
    public const string NotValid = "The request's content is not valid; details lists every violation.";

    public Rejection With(string name, string value) => this with { Facts = [.. Facts ?? [], new Fact(name, value)] };

    /// <summary>The value of this name; null: it names none.</summary>
    public string? FactOf(string name) => Facts?.FirstOrDefault(fact => fact.Name == name)?.Value;

    /// <summary>Whose limit refused (<see cref="AtNode"/>); null: it names none.</summary>
    public (string Kind, string Id)? Node()
    {
        if (FactOf("node") is not { } json) return null;

        using var node = JsonDocument.Parse(json);
        return (node.RootElement.GetProperty("kind").GetString()!, node.RootElement.GetProperty("id").GetString()!);
    }

    /// <param name="json">Written as it is.</param>
    public Rejection WithRaw(string name, string json) => this with { Facts = [.. Facts ?? [], new Fact(name, json, Raw: true)] };

    /// <summary>Of a limit on amounts: what was asked of it, and the most that it would let pass.</summary>
    public Rejection Beyond(long askedMicros, long freeMicros) =>
        WithRaw("asked_cents", Money.FormatCents(askedMicros)).WithRaw("free_cents", Money.FormatCents(freeMicros));

    /// <summary>Of a limit on a number: which, and how many there may be.</summary>
    public Rejection AtMost(string limit, int most) => With("limit", limit).WithRaw("most", most.ToString(System.Globalization.CultureInfo.InvariantCulture));

    /// <summary>Which node of the tree of limits refused. Kinds and limits are ours, and an id has no character that JSON escapes.</summary>
    public Rejection AtNode(string kind, string id, string? limit) =>
        WithRaw("node", limit is null ? $$"""{"kind":"{{kind}}","id":"{{id}}"}""" : $$"""{"kind":"{{kind}}","id":"{{id}}","limit":"{{limit}}"}""");
}

/// <summary>A value that a refusal names. <paramref name="Raw"/>: already JSON (a number, or null for a string).</summary>
public sealed record Fact(string Name, string Value, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool Raw = false)
{
    /// <summary>Of a scope violation: what the scopes do not allow, in the words of a third party.</summary>
    public const string OutOfScope = "value";

    /// <summary>The name of the fact with the ids of runs that were paid although the request failed.</summary>
    public const string PaidRuns = "run_ids";

    /// <summary>The name of the fact with a failed tool's own words: a third party's text.</summary>
    public const string Said = "said";
}

/// <summary>What a command came to: a reply or a rejection, never both.</summary>
/// <param name="Replayed">The command had been decided before; this is the stored outcome.</param>
public sealed record Answer(object? Reply, Rejection? Rejection, bool Replayed = false)
{
    public static Answer Of(object reply) => new(reply, null);

    public static Answer No(Rejection rejection) => new(null, rejection);

    /// <summary>The reply of the command that was sent.</summary>
    /// <exception cref="OtherCommandException">Another command was sent under the same key before.</exception>
    public T As<T>()
        where T : class => Replayed && Reply is not T ? throw new OtherCommandException() : (T)Reply!;
}

/// <summary>
/// What a key stands for is another command's outcome. Hashes of bodies tell the two apart; after an erasure has destroyed their key, only the outcome does.
/// </summary>
public sealed class OtherCommandException() : Exception("Another command was sent under this key.");

/// <summary>The answer of a command that has nothing to say.</summary>
public sealed record Nothing
{
    public static readonly Nothing Value = new();
}
