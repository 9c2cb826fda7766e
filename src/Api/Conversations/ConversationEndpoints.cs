using Agora.Application.Calls;
using Agora.Application.Conversations;
using Agora.Application.Operations;
using Agora.Core.Access;
using Agora.Core.Conversations;
using Agora.Core.Kernel;
using Agora.Web;
using Microsoft.AspNetCore.Http;

namespace Agora.Api.Conversations;

/// <inheritdoc cref="PeerConversations"/>
internal sealed class ConversationEndpoints(PeerConversations conversations) : IFeature
{
    private const string IdExample = "0198c0de-0000-7000-8000-000000000001";

    private static readonly IReadOnlyList<string> Refusals =
        [Codes.NotFound, Codes.Forbidden, Codes.ScopeViolation, Codes.ConversationClosed, Codes.ValidationFailed, Codes.RateLimited, Codes.IdempotencyConflict, Codes.IdempotencyInFlight];

    public static readonly Operation<OpenRequest> Open = new(Audience.Peers, "open_conversation", "POST /conversations", "Open a conversation with other agents")
    {
        Read = OpenRequest.Read,
        Peers = static request => request.IsOpen ? [.. request.Named, ScopeRules.All] : request.Named,
        Status = StatusCodes.Status201Created,
        Data = typeof(ConversationData),
        Codes = [.. Refusals, Codes.Unavailable],
        BodyExample = """{"participants":["agent-2"],"topic":"Rates"}""",
        DataExample = ConversationData.Example,
    };

    public static readonly Operation<Page> List = new(Audience.Peers, "list_conversations", "GET /conversations", "Conversations that the agent takes part in, was invited to, or has left, newest first")
    {
        ListsIds = ["conversation_id", "number"],
        Read = static call => call.Query.Page(),
        Data = typeof(MembershipsData),
        DataExample = $$"""{"conversations":[{"conversation_id":"{{IdExample}}","standing":"joined","updated_at":"2030-01-01T00:00:00.000000Z"}],"total_count":1,"total_count_unknown":null,"offset":0,"limit":50}""",
    };

    public static readonly Operation<string> Get = new(Audience.Peers, "get_conversation", "GET /conversations/{conversation_id}", "A conversation as it is now: who is in it, and up to where each has received it")
    {
        Read = static call => call.Id("conversation_id"),
        Data = typeof(ConversationData),
        Codes = [Codes.NotFound],
        DataExample = ConversationData.Example,
    };

    public static readonly Operation<SayRequest> Say = new(Audience.Peers, "say", "POST /conversations/{conversation_id}/messages", "Say something in a conversation: it is durable when it is answered, and each member gets it")
    {
        Read = SayRequest.Read,
        SubjectFirst = static _ => true,
        Status = StatusCodes.Status201Created,
        Data = typeof(SaidData),
        Codes = [.. Refusals, Codes.NotAccepted, Codes.PayloadTooLarge, Codes.GrantExceeded],
        BodyExample = """{"message_id":"0198c0de-0000-7000-8000-000000000002","content":{"rate":7},"reply_within_seconds":60}""",
        DataExample = $$"""{"conversation_id":"{{IdExample}}","number":3,"message_id":"0198c0de-0000-7000-8000-000000000002"}""",
    };

    public static readonly Operation<EntriesRequest> Entries = new(Audience.Peers, "read_conversation", "GET /conversations/{conversation_id}/messages", "What was said in a conversation, as far as the agent was to hear it, in order")
    {
        Read = EntriesRequest.Read,
        Data = typeof(EntriesData),
        Codes = [Codes.NotFound, Codes.ValidationFailed],
        DataExample = $$"""{"entries":[{{InboxEntryData.Example}}],"next_cursor":"0000000000000004.000001"}""",
    };

    public static readonly Operation<string> Join = Plain("join_conversation", "join", "Take part in a conversation to which the agent was invited, or subscribe to an open one");

    public static readonly Operation<string> Leave = Plain("leave_conversation", "leave", "Leave a conversation: nothing more is heard of it");

    public static readonly Operation<string> Close = Plain("close_conversation", "close", "Close a conversation that the agent opened: nothing more is said in it");

    public static readonly Operation<InviteRequest> Invite = new(Audience.Peers, "invite", "POST /conversations/{conversation_id}/invite", "Invite another agent to a conversation that the agent opened")
    {
        Read = InviteRequest.Read,
        SubjectFirst = static _ => true,
        Peers = static request => request.AgentId is { } agent ? [agent] : [],
        Data = typeof(EnteredData),
        Codes = Refusals,
        BodyExample = """{"agent_id":"agent-3"}""",
        DataExample = $$"""{"conversation_id":"{{IdExample}}","number":4}""",
    };

    public static readonly Operation<AcknowledgeRequest> Acknowledge = new(Audience.Peers, "acknowledge", "POST /conversations/{conversation_id}/acknowledge", "Say up to which entry everything was received: it does not become a dead letter")
    {
        Read = AcknowledgeRequest.Read,
        SubjectFirst = static _ => true,
        Data = typeof(AcknowledgedData),
        Codes = Refusals,
        BodyExample = """{"number":3}""",
        DataExample = $$"""{"conversation_id":"{{IdExample}}","acknowledged":3}""",
    };

    public static readonly Operation<string> DeadLetters = new(Audience.Peers, "list_dead_letters", "GET /conversations/{conversation_id}/dead-letters", "Messages of a conversation that did not reach a member in time")
    {
        Read = static call => call.Id("conversation_id"),
        Data = typeof(DeadLettersData),
        Codes = [Codes.NotFound],
        DataExample = $$"""{"conversation_id":"{{IdExample}}","dead_letters":[{"number":3,"message_id":"0198c0de-0000-7000-8000-000000000002","agent_id":"agent-1","to":["agent-2"],"reason":"expired","at":"2030-01-01T00:00:00.000000Z"}]}""",
    };

    public static readonly Operation<LetterRequest> Requeue = new(Audience.Peers, "requeue_dead_letter", "POST /conversations/{conversation_id}/dead-letters/{number}/requeue", "Say a dead letter of the agent's own anew")
    {
        Read = LetterRequest.Read,
        Status = StatusCodes.Status201Created,
        Data = typeof(SaidData),
        Codes = [.. Refusals, Codes.NotAccepted, Codes.PayloadTooLarge],
        DataExample = $$"""{"conversation_id":"{{IdExample}}","number":7,"message_id":"0198c0de-0000-7000-8000-000000000002"}""",
    };

    public static readonly Operation<LetterRequest> Drop = new(Audience.Peers, "drop_dead_letter", "DELETE /conversations/{conversation_id}/dead-letters/{number}", "Give up a dead letter of the agent's own")
    {
        Read = LetterRequest.Read,
        Data = typeof(EnteredData),
        Codes = Refusals,
        DataExample = $$"""{"conversation_id":"{{IdExample}}","number":0}""",
    };

    public static readonly Operation<string> Erase = new(Audience.Peers, "erase_conversation", "DELETE /conversations/{conversation_id}", "Erase what was said in a conversation that the agent opened; it closes")
    {
        Read = static call => call.Id("conversation_id"),
        Data = typeof(ErasedConversationData),
        Codes = Refusals,
        DataExample = $$"""{"conversation_id":"{{IdExample}}"}""",
    };

    public void Map(Routes routes) => routes
        .Map(Open, async (call, asked) => (await conversations.Open(call.Caller, asked, call.Cancel)).Reply(static opened => Reply.Created(ConversationData.Of(opened))))
        .Map(List, ListConversations)
        .Map(Get, async (call, id) => (await conversations.Get(call.Caller, id, call.Cancel)).Reply(static view => Reply.Ok(ConversationData.Of(view)) with { UntrustedFields = ["data.topic"] }))
        .Map(Erase, async (call, id) => (await conversations.Erase(call.Caller, id, call.Cancel)).Reply(static erased => Reply.Ok(new ErasedConversationData(erased))))
        .Map(Say, async (call, asked) => (await conversations.Say(call.Caller, asked, call.Cancel)).Reply(SaidData.Created))
        .Map(Entries, async (call, asked) => (await conversations.Read(call.Caller, asked, call.Cancel)).Reply(static page => Reply.Ok(EntriesData.Of(page)) with { UntrustedFields = InboxEntryData.Untrusted }))
        .Map(Join, async (call, id) => Entered(id, await conversations.Join(call.Caller, id, call.Cancel)))
        .Map(Leave, async (call, id) => Entered(id, await conversations.Leave(call.Caller, id, call.Cancel)))
        .Map(Close, async (call, id) => Entered(id, await conversations.Close(call.Caller, id, call.Cancel)))
        .Map(Invite, async (call, asked) => Entered(asked.ConversationId, await conversations.Invite(call.Caller, asked, call.Cancel)))
        .Map(Acknowledge, async (call, asked) => (await conversations.Acknowledge(call.Caller, asked, call.Cancel)).Reply(acknowledged => AcknowledgedData.Ok(asked.ConversationId, acknowledged)))
        .Map(DeadLetters, async (call, id) => (await conversations.DeadLetters(call.Caller, id, call.Cancel)).Reply(found => Reply.Ok(DeadLettersData.Of(id, found)) with { UntrustedFields = ["data.dead_letters[].message_id"] }))
        .Map(Requeue, async (call, asked) => (await conversations.Requeue(call.Caller, asked, call.Cancel)).Reply(SaidData.Created))
        .Map(Drop, async (call, asked) => Entered(asked.ConversationId, await conversations.Drop(call.Caller, asked, call.Cancel)));

    private static Operation<string> Plain(string name, string verb, string summary) => new(Audience.Peers, name, $"POST /conversations/{{conversation_id}}/{verb}", summary)
    {
        Read = static call => call.Id("conversation_id"),
        Data = typeof(EnteredData),
        Codes = Refusals,
        DataExample = $$"""{"conversation_id":"{{IdExample}}","number":3}""",
    };

    private async Task<Reply> ListConversations(PeerCall call, Page page)
    {
        var (rows, total) = await conversations.List(call.Caller, page, call.Cancel);
        return Reply.Ok(new MembershipsData(
            [.. rows.Select(row => new MembershipData(row.Text("conversation_id"), row.Text("standing"), Timestamps.FromMicros(row.Number("updated_at"))))], total.Number, total.Unknown(call.Words), page.Offset, page.Limit));
    }

    private static Reply Entered(string id, Result<Entered> entered) => entered.Reply(one => Reply.Ok(new EnteredData(id, one.Number)));
}
