using System.Security.Cryptography;
using Agora.Api.Admin;
using Agora.Application.Conversations;
using Agora.Application.Operations;
using Agora.Application.Reading;
using Agora.Contracts;
using Agora.Core.Conversations;
using Agora.Core.Kernel;
using Agora.Core.Webhooks;
using Agora.Crypto.Webhooks;
using Agora.Journal;
using Agora.Web;

namespace Agora.Api.Conversations;

/// <summary>An address to which an agent has its inbox posted, page by page. It ends with the credential with which the agent asked for it.</summary>
internal sealed class InboxWebhookEndpoints(IEntities entities, IFeed feed, FeedCursors cursors) : IFeature
{
    public static readonly Operation<InboxWebhookRequest> Put = new(Audience.Peers, "put_inbox_webhook", "PUT /agent/webhook", "Have the agent's inbox posted to an address, page by page; the first time the reply has the secret that signs")
    {
        GivesSecret = true,
        Read = InboxWebhookRequest.Read,
        Data = typeof(InboxWebhookData),
        Codes = [Codes.ValidationFailed, Codes.IdempotencyConflict, Codes.IdempotencyInFlight],
        BodyExample = """{"url":"https://agent.example/inbox"}""",
        DataExample = InboxWebhookData.Example.Replace("\"secret\":null", "\"secret\":\"whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oDE8TlKPf1GSA=\"", StringComparison.Ordinal),
    };

    public static readonly Operation<string?> Get = new(Audience.Peers, "get_inbox_webhook", "GET /agent/webhook", "Where the agent's inbox is posted, how far it was taken, and what failed last")
    {
        GivesSecret = true, // of the shape of what was put
        Read = static _ => null,
        Data = typeof(InboxWebhookData),
        Codes = [Codes.NotFound],
        DataExample = InboxWebhookData.Example,
    };

    public static readonly Operation<string?> Delete = new(Audience.Peers, "delete_inbox_webhook", "DELETE /agent/webhook", "Have the agent's inbox posted no more; its secret signs nothing more")
    {
        Read = static _ => null,
        Data = typeof(DeletedInboxWebhookData),
        Codes = [Codes.NotFound, Codes.IdempotencyConflict, Codes.IdempotencyInFlight],
        DataExample = """{"agent_id":"agent-1"}""",
    };

    private static readonly Rejection NoPlace = Findings.Invalid("/after", "pattern", "It is no cursor of this tenant's inboxes, or what stood there is gone. Without it the webhook tells what comes from now on.");

    private static readonly Rejection NotFound = new(Codes.NotFound, "The agent has no webhook.");

    public void Map(Routes routes) => routes.Map(Put, PutWebhook).Map(Get, GetWebhook).Map(Delete, DeleteWebhook);

    private async Task<Reply> PutWebhook(PeerCall call, InboxWebhookRequest asked)
    {
        var from = asked.After is { } after ? InboxPlace.Read(cursors, call.Tenant, after) : null;
        if (asked.After is not null && !await Stands(from, call.Cancel)) return Reply.Refused(NoPlace);

        var end = new InboxPlace(await feed.FeedEnd(call.Cancel));
        var seed = RandomNumberGenerator.GetBytes(WebhookKey.SeedBytes);
        using var key = new WebhookKey(seed);
        var command = new WebhookCommand.PutInbox(asked.Url, call.Grounds, from?.Kept, end.Kept, Personal.Of(Convert.ToBase64String(seed)), key.PublicKey);
        var answer = await Webhook(call).Send(command, call.Context(Limits.ClientKeyKept), call.Cancel);
        return answer.Reply is not WebhookView view ? Reply.Refused(answer.Rejection!)
            : Reply.Ok(Shown(call, view) with { Secret = !answer.Replayed && view.Secrets[0].PublicKey == key.PublicKey ? key.Secret : null }) with { Replayed = answer.Replayed };
    }

    private async Task<Reply> GetWebhook(PeerCall call, string? nothing)
    {
        var answer = await Webhook(call).Send(new WebhookCommand.Get(), call.Fresh(), call.Cancel);
        return answer.Reply is WebhookView view ? Reply.Ok(Shown(call, view)) : Reply.Refused(NotFound);
    }

    private async Task<Reply> DeleteWebhook(PeerCall call, string? nothing)
    {
        var answer = await Webhook(call).Send(new WebhookCommand.Delete(), call.Context(Limits.ClientKeyKept), call.Cancel);
        return answer.Rejection is { } refused ? Reply.Refused(refused.Code == Codes.NotFound ? NotFound : refused) : Reply.Ok(new DeletedInboxWebhookData(call.AgentId)) with { Replayed = answer.Replayed };
    }

    /// <summary>Whether a row of the journal stands there, and not another, nor none yet.</summary>
    private async Task<bool> Stands(InboxPlace? place, CancellationToken cancel) =>
        place is not null && !(await feed.Next(new(place.Feed.ToString(), ConversationEntity.Kind) { Patience = TimeSpan.Zero, MostRows = 1 }, cancel)).Reset;

    private EntityRef<WebhookCommand> Webhook(PeerCall call) => entities.In(call.Tenant).Webhook(InboxWebhooks.IdOf(call.AgentId));

    private InboxWebhookData Shown(PeerCall call, WebhookView view) => InboxWebhookData.Of(view, InboxPlace.OfKept(view.Inbox!.Cursor).Mint(cursors, call.Tenant));
}

/// <param name="After">Null: from where it is, or from the inbox's end where there is none yet.</param>
internal sealed record InboxWebhookRequest(string Url, string? After)
{
    public static InboxWebhookRequest Read(Call call) => new(
        EndpointText.Read(call, "url", "Where the inbox is posted."),
        call.Body.Text("after", "Where it begins: a next_cursor of the inbox; absent: what is told from now on, or, where there is a webhook already, from where it is.", Limits.CursorLength, required: false));
}

/// <param name="State">One of <see cref="States"/>.</param>
/// <param name="Secret">Null unless it was made just now: it is shown once.</param>
/// <param name="NextCursor">All before it was taken.</param>
/// <param name="Attempts">Of the page that is being told, that failed.</param>
internal sealed record InboxWebhookData(
    string Url,
    string State,
    DateTimeOffset? DisabledAt,
    string? DisabledReason,
    string? Secret,
    string PublicKey,
    string NextCursor,
    int Attempts,
    DateTimeOffset? WaitingSince,
    DateTimeOffset? NextTryAt,
    int? ResponseStatus,
    string? Error,
    DateTimeOffset? TookAt,
    DateTimeOffset UpdatedAt)
{
    public const string Example = """{"url":"https://agent.example/inbox","state":"delivering","disabled_at":null,"disabled_reason":null,"secret":null,"public_key":"whpk_OGoVpxDnC2+y6+4dcFsc9q9ITLTF19ch0tUiCH9BWDQ=","next_cursor":"q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA","attempts":1,"waiting_since":"2030-01-01T00:00:00.000000Z","next_try_at":"2030-01-01T00:00:05.000000Z","response_status":503,"error":"status","took_at":null,"updated_at":"2030-01-01T00:00:00.000000Z"}""";

    public static readonly IReadOnlyList<string> States = ["delivering", "disabled"];

    public static InboxWebhookData Of(WebhookView view, string cursor)
    {
        var failed = view.Inbox!.Page is { Attempts: > 0 } page ? page : null;
        return new(
            view.Definition.Url, view.Disabled is null ? States[0] : States[1], view.Disabled?.At, view.Disabled?.Reason, null, view.Secrets[0].PublicKey, cursor,
            failed?.Attempts ?? 0, failed?.Since, view.Disabled is null ? failed?.NextAt : null, failed?.Status, failed?.Error, view.TookAt, view.UpdatedAt);
    }
}

internal sealed record DeletedInboxWebhookData(string AgentId);
