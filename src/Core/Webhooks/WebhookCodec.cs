using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Agora.Core.Kernel;

namespace Agora.Core.Webhooks;

/// <summary>Stored names, for ever. Own commands have none, so that nobody outside can forge a step's outcome.</summary>
public static class WebhookCodec
{
    public static readonly UnionCodec<WebhookEvent> Events = new UnionCodec<WebhookEvent>()
        .Case<WebhookEvent.DefinitionPut>("webhook.definition_put")
        .Case<WebhookEvent.Deleted>("webhook.deleted")
        .Case<WebhookEvent.SecretIssued>("webhook.secret_issued", personal: e => e.Seed, with: (e, seed) => e with { Seed = seed })
        .Case<WebhookEvent.Told>("webhook.told")
        .Case<WebhookEvent.Disabled>("webhook.disabled")
        .Case<WebhookEvent.SendAsked>("webhook.send_asked")
        .Case<WebhookEvent.Sent>("webhook.sent")
        .Case<WebhookEvent.ReplayBegun>("webhook.replay_begun")
        .Case<WebhookEvent.ReplayEnded>("webhook.replay_ended")
        .Case<WebhookEvent.Rewound>("webhook.rewound")
        .Case<WebhookEvent.InboxPut>("webhook.inbox_put", personal: e => e.Seed, with: (e, seed) => e with { Seed = seed })
        .Case<WebhookEvent.PageWaits>("webhook.page_waits")
        .Case<WebhookEvent.PageTaken>("webhook.page_taken");

    public static readonly UnionCodec<WebhookCommand> Commands = new UnionCodec<WebhookCommand>()
        .Case<WebhookCommand.Put>("webhook.put")
        .Case<WebhookCommand.Delete>("webhook.delete")
        .Case<WebhookCommand.Get>("webhook.get")
        .Case<WebhookCommand.IssueSecret>("webhook.issue_secret")
        .Case<WebhookCommand.GetSecrets>("webhook.get_secrets")
        .Case<WebhookCommand.Test>("webhook.test")
        .Case<WebhookCommand.Resend>("webhook.resend")
        .Case<WebhookCommand.Replay>("webhook.replay")
        .Case<WebhookCommand.PutInbox>("webhook.put_inbox")
        .Case<WebhookCommand.Tick>("webhook.tick");

    public static byte[] Save(WebhookState s) => JsonSerializer.SerializeToUtf8Bytes(
        new Saved(s.Stream.ToString(), s.Definition, s.Cursor, [.. s.Waiting.Values], s.Number, s.UpdatedAt, [.. s.Secrets], s.Disabled, s.NotBefore, s.TookAt, s.FailedInRow, s.Course, s.Sends.IsEmpty ? null : s.Sends, s.Replay, s.By, s.Page), StoredJson.Options);

    public static WebhookState Restore(ReadOnlyMemory<byte> saved)
    {
        var s = JsonSerializer.Deserialize<Saved>(saved.Span, StoredJson.Options)!;
        return new(StreamId.Parse(s.Stream), s.Definition, s.Cursor, s.Waiting.ToImmutableSortedDictionary(w => w.Stream, w => w, StringComparer.Ordinal), s.Number)
        {
            UpdatedAt = s.UpdatedAt,
            Secrets = [.. s.Secrets],
            Disabled = s.Disabled,
            NotBefore = s.NotBefore,
            TookAt = s.TookAt,
            FailedInRow = s.FailedInRow,
            Course = s.Course,
            Sends = [.. s.Sends ?? []],
            Replay = s.Replay,
            By = s.By,
            Page = s.Page,
        };
    }

    private sealed record Saved(
        string Stream,
        WebhookDefinition? Definition,
        string? Cursor,
        IReadOnlyList<WaitingSubject> Waiting,
        long Number,
        DateTimeOffset UpdatedAt,
        IReadOnlyList<WebhookSecret> Secrets,
        WebhookDisabled? Disabled,
        DateTimeOffset? NotBefore,
        DateTimeOffset? TookAt,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] int FailedInRow,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] int Course,
        IReadOnlyList<PendingSend>? Sends = null,
        WebhookReplay? Replay = null,
        string? By = null,
        PendingPage? Page = null);
}
