using System.Collections.Immutable;
using System.Diagnostics;
using System.Text.Json.Serialization;
using Agora.Core.Kernel;

namespace Agora.Core.Webhooks;

/// <summary>A secret as it is kept: whatever signs is derived of its seed, which is sealed with the endpoint's own key wherever it is stored.</summary>
/// <param name="Seed">Null: its key was destroyed.</param>
public sealed record WebhookSecret(WebhookSecretView View, Personal? Seed)
{
    public bool Signs(DateTimeOffset now) => View.Until is null || now < View.Until;
}

/// <summary>
/// An endpoint: what it wants to be told, how far the feed was read for it, and what waits. Invariants: <c>few_secrets</c>, <c>few_sends</c>, <c>few_wait</c>, <c>waits_for_what_was_met</c>, <c>page_begins_at_the_cursor</c>.
/// <para>Of what waits only the places stand here: the events are in their streams. So whatever becomes of an endpoint, it takes no more room than
/// <see cref="Limits.WebhookWaiting"/> and one window of subjects.</para>
/// </summary>
/// <param name="Definition">Null: nobody has put it yet, or it was deleted.</param>
/// <param name="Cursor">Null: from the first row.</param>
/// <param name="Waiting">By stream.</param>
/// <param name="Number">Deliveries that were ever noted: each takes the place of the one that many before.</param>
public sealed record WebhookState(StreamId Stream, WebhookDefinition? Definition, string? Cursor, ImmutableSortedDictionary<string, WaitingSubject> Waiting, long Number)
{
    public static WebhookState Initial(StreamId stream) => new(stream, null, null, ImmutableSortedDictionary.Create<string, WaitingSubject>(StringComparer.Ordinal), 0);

    public DateTimeOffset UpdatedAt { get; init; }

    /// <summary>The newest first.</summary>
    public ImmutableArray<WebhookSecret> Secrets { get; init; } = [];

    public WebhookDisabled? Disabled { get; init; }

    /// <summary>Rows of before are passed over; null: none is.</summary>
    public DateTimeOffset? NotBefore { get; init; }

    public DateTimeOffset? TookAt { get; init; }

    /// <summary>Tries that failed since one was taken.</summary>
    public int FailedInRow { get; init; }

    /// <summary>Rises when the cursor is set from elsewhere, or something else is wanted: what was read under the course before says nothing of it.</summary>
    public int Course { get; init; }

    /// <summary>Soft: how far nothing was met behind the cursor; it is looked at again after a crash. Null: no further.</summary>
    [JsonIgnore]
    public string? ReadTo { get; init; }

    /// <summary>Soft: rows that were passed over since the cursor was noted.</summary>
    [JsonIgnore]
    public int Passed { get; init; }

    /// <summary>What operators want sent, in the order in which they asked.</summary>
    public ImmutableArray<PendingSend> Sends { get; init; } = [];

    /// <summary>A span that is being told again; null: none is.</summary>
    public WebhookReplay? Replay { get; init; }

    /// <summary>It tells an agent's inbox, and nothing else.</summary>
    public bool IsOfAgent => InboxWebhooks.IsOfAgent(Stream.Id);

    /// <summary>The credential with which an agent asked for it; null: an operator did.</summary>
    public string? By { get; init; }

    /// <summary>The page of an agent's inbox that is being told; null: none is.</summary>
    public PendingPage? Page { get; init; }

    /// <summary>What happens is told to it. Without a secret it waits for one.</summary>
    public bool Delivers => Definition is { Active: true } && Disabled is null && !Secrets.IsEmpty;

    public WebhookView View(WebhookDefinition definition) => new(
        Stream.Id, definition, [.. Secrets.Select(secret => secret.View)], UpdatedAt, Disabled, Waiting.Count, Waiting.IsEmpty ? null : Waiting.Values.Min(subject => subject.Since), TookAt, Replay: Replay, Inbox: IsOfAgent ? new(Cursor!, Page) : null);

    public WebhookState Evolve(WebhookEvent happened, DateTimeOffset at) => happened switch
    {
        WebhookEvent.DefinitionPut e => (e.From is null ? Enabled(at) : Initial(Stream) with { Cursor = e.From, Number = Number }) with { Definition = e.View.Definition, Course = Course + 1, UpdatedAt = at },
        WebhookEvent.Deleted => Initial(Stream) with { Number = Number, Course = Course + 1, UpdatedAt = at },
        WebhookEvent.SecretIssued e => this with { Secrets = Rotated(e, at), UpdatedAt = at },
        WebhookEvent.Told e => Tell(e),
        WebhookEvent.Disabled e => this with { Disabled = e.Why, UpdatedAt = at },
        WebhookEvent.SendAsked e => this with { Sends = Sends.Add(e.Send) },
        WebhookEvent.Sent e => this with { Sends = Sends.RemoveAll(send => send.CommandId == e.CommandId), Number = Number + 1 },
        WebhookEvent.ReplayBegun e => this with { Replay = e.Replay, Cursor = null, NotBefore = e.Replay.Since, Course = Course + 1, ReadTo = null, Passed = 0 },
        WebhookEvent.ReplayEnded => this with { Replay = null, Cursor = Replay!.Back, NotBefore = null, Course = Course + 1, ReadTo = null, Passed = 0 },
        WebhookEvent.Rewound e => this with { Cursor = null, NotBefore = e.From, Replay = null, Course = Course + 1, ReadTo = null, Passed = 0 },
        WebhookEvent.InboxPut e => this with
        {
            Definition = e.View.Definition,
            By = e.By,
            Cursor = e.From ?? Cursor,
            Page = e.From is null ? Page?.Anew(at) : null,
            Secrets = e.Secret is null ? Secrets : [new(e.Secret, e.Seed)],
            Disabled = null,
            Course = Course + 1,
            ReadTo = null,
            UpdatedAt = at,
        },
        WebhookEvent.PageWaits e => this with { Page = e.Page, Cursor = e.Page.From, ReadTo = null },
        WebhookEvent.PageTaken e => this with { Page = null, Cursor = Page!.UpTo, TookAt = e.SentAt, ReadTo = null },
        _ => throw new UnreachableException(),
    };

    /// <summary>What waited when it was disabled has as long again.</summary>
    internal WebhookState Enabled(DateTimeOffset at) => Disabled is null ? this
        : this with { Disabled = null, Waiting = Waiting.SetItems(Waiting.Values.Select(subject => KeyValuePair.Create(subject.Stream, subject with { Attempts = 0, Since = at, NextAt = at }))) };

    private ImmutableArray<WebhookSecret> Rotated(WebhookEvent.SecretIssued issued, DateTimeOffset at)
    {
        var former = Secrets.Where(secret => secret.Signs(at)).Select(secret => secret.View.Until is null ? secret with { View = secret.View with { Until = issued.FormerUntil ?? at } } : secret);
        return [new(issued.Secret, issued.Seed), .. former.Where(secret => secret.Signs(at)).Take(Limits.WebhookSecrets - 1)];
    }

    private WebhookState Tell(WebhookEvent.Told told)
    {
        var waiting = Waiting.RemoveRange(told.Freed ?? []).SetItems((told.Waits ?? []).Select(subject => KeyValuePair.Create(subject.Stream, subject)));
        var (failed, took) = (FailedInRow, TookAt);
        foreach (var delivery in told.Deliveries)
        {
            (failed, took) = delivery.IsTaken ? (0, delivery.SentAt) : (failed + 1, took);
        }

        return this with { Cursor = told.Cursor ?? Cursor, Waiting = waiting, Number = Number + told.Deliveries.Count, FailedInRow = failed, TookAt = took, ReadTo = told.Cursor is null ? ReadTo : null, Passed = told.Cursor is null ? Passed : 0 };
    }

    public void CheckInvariants()
    {
        Invariant.Check(Secrets.Length <= Limits.WebhookSecrets, "few_secrets");
        Invariant.Check(Sends.Length <= Limits.WebhookSends, "few_sends");
        Invariant.Check(Page is null || Page.From == Cursor, "page_begins_at_the_cursor");
        Invariant.Check(Waiting.Count < Limits.WebhookWaiting + Limits.WebhookRows, "few_wait");
        foreach (var subject in Waiting.Values)
        {
            Invariant.Check(subject.From.Seq <= subject.UpTo, "waits_for_what_was_met");
        }
    }
}
