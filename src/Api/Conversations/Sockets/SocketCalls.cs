using Agora.Application.Calls;
using Agora.Application.Conversations;
using Agora.Application.Operations;
using Agora.Application.Reading;
using Agora.Core.Kernel;
using Agora.Grains.Kernel;
using Agora.Web;

namespace Agora.Api.Conversations.Sockets;

/// <summary>Answers the frames of a WebSocket through the same gate and handler as over HTTP, with the credential of the request that opened the socket. So checks, budgets, answers and codes are the same.</summary>
internal sealed class SocketCalls(PeerGate gate, PeerConversations conversations, FeedCursors cursors, Failures failures, TimeProvider time)
{
    private const string Conversation = "conversation_id";

    /// <param name="place">Of its body, which holds it until this is answered. Null if there was no room.</param>
    public async Task<ServerFrame> Say(ParentRequest parent, ClientFrame.Say frame, FairPlaces.Place? place, InOrder turn)
    {
        if (place is null)
        {
            turn.End();
            ApiMetrics.Refused(Body.NoPlace.Code);
            return new ServerFrame.Refused(frame.Id, Body.NoPlace);
        }

        var reply = await Ask(parent, ConversationEndpoints.Say, async (call, asked) => (await conversations.Say(call.Caller, asked, call.Cancel)).Reply(SaidData.Created), frame.ConversationId, frame.Body, turn, place);
        return reply.Refusal is { } refusal ? new ServerFrame.Refused(frame.Id, refusal) : new ServerFrame.Said(frame.Id, (SaidData)reply.Data!, reply.Replayed);
    }

    public async Task<ServerFrame> Acknowledge(ParentRequest parent, ClientFrame.Acknowledge frame, InOrder turn)
    {
        var body = System.Text.Encoding.ASCII.GetBytes(string.Create(System.Globalization.CultureInfo.InvariantCulture, $$"""{"number":{{frame.Number}}}"""));
        var reply = await Ask(parent, ConversationEndpoints.Acknowledge, async (call, asked) => (await conversations.Acknowledge(call.Caller, asked, call.Cancel)).Reply(one => AcknowledgedData.Ok(asked.ConversationId, one)), frame.ConversationId, body, turn);
        return reply.Refusal is { } refusal ? new ServerFrame.Refused(frame.Id, refusal) : new ServerFrame.Acknowledged(frame.Id, (AcknowledgedData)reply.Data!);
    }

    public async Task<CredentialState> Look(ParentRequest parent)
    {
        using var request = Request(parent, InboxEndpoints.Get, [], cancel: parent.Ended);
        try
        {
            return await gate.Look(request);
        }
        catch (OperationCanceledException) when (parent.Ended.IsCancellationRequested)
        {
            return new(null); // it is gone
        }
        catch (Exception e)
        {
            return new(Failed(e));
        }
    }

    /// <summary>What went wrong, as a request would be told.</summary>
    public Rejection Failed(Exception e) => failures.Refusal(InboxEndpoints.Get.Endpoint, e);

    public string CursorOf(InboxPlace place, Tenant tenant) => place.Mint(cursors, tenant);

    /// <returns>Null: it is no cursor of this tenant's.</returns>
    public InboxPlace? PlaceOf(string cursor, Tenant tenant) => InboxPlace.Read(cursors, tenant, cursor);

    private async Task<Reply> Ask<T>(ParentRequest parent, Operation<T> operation, Func<PeerCall, T, Task<Reply>> handler, string conversationId, ReadOnlyMemory<byte> body, InOrder turn, FairPlaces.Place? place = null)
    {
        var began = time.GetTimestamp();
        var reply = await Asked(parent, operation, handler, conversationId, body, turn, place);
        ApiMetrics.Answered(operation.Name, reply.Status, time.GetElapsedTime(began));
        if (reply.Refusal is { } refused)
        {
            ApiMetrics.Refused(refused.Code);
        }

        return reply;
    }

    /// <summary>Whatever becomes of it, those behind it have their turn.</summary>
    private async Task<Reply> Asked<T>(ParentRequest parent, Operation<T> operation, Func<PeerCall, T, Task<Reply>> handler, string conversationId, ReadOnlyMemory<byte> body, InOrder turn, FairPlaces.Place? place)
    {
        using var held = place;
        using var request = Request(parent, operation, [(Conversation, conversationId)], body, turn, place);
        try
        {
            return await gate.Ask(request, operation, handler);
        }
        catch (Exception e)
        {
            return Reply.Refused(failures.Refusal(operation.Endpoint, e));
        }
        finally
        {
            turn.End();
        }
    }

    private static InnerRequest Request(ParentRequest parent, Operation operation, IReadOnlyList<(string Name, string Value)> ids, ReadOnlyMemory<byte> body = default, InOrder? turn = null, FairPlaces.Place? place = null, CancellationToken cancel = default) =>
        new(parent, operation, parent.Signer is null ? parent.Bearer : null, ids, body) { Turn = turn, Held = place is null ? null : new(place), Cancel = cancel };
}
