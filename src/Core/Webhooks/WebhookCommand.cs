using System.Text.Json.Serialization;
using Agora.Core.Kernel;

namespace Agora.Core.Webhooks;

/// <summary>What an operator says an endpoint is.</summary>
/// <param name="Types">Of <see cref="NoticeTypes"/>; null: all there are and will be.</param>
public sealed record WebhookDefinition(string Url, IReadOnlyList<string>? Types, string? Description, bool Active)
{
    /// <summary>Names of the optional members, as an operator knows them, that have another value than their default.</summary>
    internal IReadOnlyList<string> Given() => Replacing.Given(("types", Types is not null), ("description", Description is not null), ("active", !Active));

    public bool Wants(string type) => Types is null || Types.Contains(type);
}

/// <summary>A secret that signs: shown once, and here only by what anybody may see of it.</summary>
/// <param name="PublicKey">By which v1a signatures are checked, as <c>whpk_…</c>.</param>
/// <param name="Until">When it signs no more; null: it is the one in force.</param>
public sealed record WebhookSecretView(string SecretId, string PublicKey, DateTimeOffset IssuedAt, DateTimeOffset? Until);

/// <summary>Why nothing is told to an endpoint any more until an operator puts it again.</summary>
public sealed record WebhookDisabled(DateTimeOffset At, string Reason);

/// <param name="Waiting">Subjects of which an event waits for another try.</param>
/// <param name="WaitingSince">When the first failed of those that wait.</param>
/// <param name="TookAt">When something was last taken.</param>
/// <param name="Dropped">Of the answer to a put: members that lost their values to it.</param>
/// <param name="Replay">A span that is being told again; null: none is.</param>
/// <param name="Inbox">How far an agent's inbox was told; null: it is an operator's endpoint.</param>
public sealed record WebhookView(
    string WebhookId,
    WebhookDefinition Definition,
    IReadOnlyList<WebhookSecretView> Secrets,
    DateTimeOffset UpdatedAt,
    WebhookDisabled? Disabled = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] int Waiting = 0,
    DateTimeOffset? WaitingSince = null,
    DateTimeOffset? TookAt = null,
    IReadOnlyList<string>? Dropped = null,
    WebhookReplay? Replay = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] InboxProgress? Inbox = null)
{
    public string Etag => EntityTags.Of(Definition);
}

/// <summary>
/// Closed union; answers: Put, PutInbox, Get → <see cref="WebhookView"/> (Get of none: not_found); Delete → <see cref="WebhookDeleted"/> or not_found; IssueSecret → <see cref="WebhookSecretView"/> or not_found;
/// GetSecrets → <see cref="WebhookSecrets"/> or not_found; Test, Resend → <see cref="Delivery"/>, or not_found, validation_failed (it has no secret), unavailable (too much is being sent); Replay → <see cref="WebhookReplay"/>, or
/// not_found, validation_failed (nothing lies in the span), unavailable (another one is under way).
/// </summary>
public abstract record WebhookCommand
{
    private WebhookCommand()
    {
    }

    /// <param name="From">The feed's cursor from before the command: an endpoint that is made by it is told what came after. One that is there goes on where it is.</param>
    public sealed record Put(WebhookDefinition Definition, string From, Replacing? Replacing = null) : WebhookCommand;

    public sealed record Delete : WebhookCommand;

    public sealed record Get : WebhookCommand;

    /// <param name="Seed">32 random bytes, of which whatever signs is derived.</param>
    /// <param name="OverlapSeconds">How long the one that it replaces goes on signing beside it.</param>
    public sealed record IssueSecret(Personal Seed, string PublicKey, int OverlapSeconds) : WebhookCommand;

    /// <summary>For the process that makes the call. Never answered over HTTP.</summary>
    /// <param name="EventId">Of a page of an inbox: not_found where it is not the one to be told any more.</param>
    public sealed record GetSecrets(string? EventId = null) : WebhookCommand;

    /// <summary>Sends a message of type <see cref="NoticeTypes.Test"/>, now and once.</summary>
    public sealed record Test : WebhookCommand;

    /// <summary>Sends an event of before again, now and once, under the id that it had.</summary>
    public sealed record Resend(string EventId, string Stream, Place Place) : WebhookCommand;

    /// <summary>Tells again what happened in a span.</summary>
    /// <param name="Until">Null, or later than now: now.</param>
    public sealed record Replay(DateTimeOffset Since, DateTimeOffset? Until) : WebhookCommand;

    /// <summary>Of an agent that wants its inbox told to it. Its first secret is made with it.</summary>
    /// <param name="By">The credential that the agent came with, or several with blanks between: what it asks for ends with any of them.</param>
    /// <param name="From">Where the inbox is told from; null: from where it is, or from <paramref name="End"/> where there was none.</param>
    /// <param name="Seed">32 random bytes, used where it has no secret yet.</param>
    public sealed record PutInbox(string Url, string By, string? From, string End, Personal Seed, string PublicKey) : WebhookCommand;

    public sealed record Tick : WebhookCommand;

    // Own commands: what came of steps. Nobody outside can send them: they have no codec.

    /// <param name="Read">Null: it is not known.</param>
    internal sealed record WindowDone(int Course, WebhookOutcome.Window? Read) : WebhookCommand;

    /// <param name="From">The place from which it was told, and <paramref name="UpTo"/> which row.</param>
    internal sealed record SubjectDone(string Stream, Place From, long UpTo, WebhookOutcome.Subject? Told) : WebhookCommand;

    /// <param name="Outcome">Null: it is not known.</param>
    internal sealed record InboxDone(int Course, WebhookOutcome? Outcome) : WebhookCommand;

    internal sealed record SendDone(Guid CommandId, Delivery Delivery) : WebhookCommand;
}

public sealed record WebhookDeleted(string WebhookId);

/// <param name="Seeds">Of all secrets that sign just now, the newest first; one is missing whose key was destroyed.</param>
public sealed record WebhookSecrets(string Url, IReadOnlyList<Personal> Seeds);
