using Agora.Api.Http;
using Agora.Api.Lists;
using Agora.Api.Metrics;
using Agora.Core.Kernel;
using Agora.Grains.Kernel;

namespace Agora.Api.Conversations.Sockets;

/// <summary>What is asked over a WebSocket is asked by the very gate and handler that its route has, with the credential of the request that opened it: checks, budgets, answers and codes are theirs.</summary>
internal sealed class SocketCalls(PeerGate gate, ConversationEndpoints conversations, FeedCursors cursors, Failures failures, TimeProvider time)
{
    private const string Conversation = "conversation_id";

    /// <param name="place">Of its body, which holds it until this is answered. Null if there was no room.</param>
    public async Task<ServerFrame> Say(Door door, ClientFrame.Say frame, FairPlaces.Place? place, InOrder turn)
    {
        if (place is null)
        {
            turn.End();
            ApiMetrics.Refused(Body.NoPlace.Code);
            return new ServerFrame.Refused(frame.Id, Body.NoPlace);
        }

        var reply = await Ask(door, ConversationEndpoints.Say, conversations.SaySomething, frame.ConversationId, frame.Body, turn, place);
        return reply.Refusal is { } refusal ? new ServerFrame.Refused(frame.Id, refusal) : new ServerFrame.Said(frame.Id, (SaidData)reply.Data!, reply.Replayed);
    }

    public async Task<ServerFrame> Acknowledge(Door door, ClientFrame.Acknowledge frame, InOrder turn)
    {
        var body = System.Text.Encoding.ASCII.GetBytes(string.Create(System.Globalization.CultureInfo.InvariantCulture, $$"""{"number":{{frame.Number}}}"""));
        var reply = await Ask(door, ConversationEndpoints.Acknowledge, conversations.AcknowledgeEntries, frame.ConversationId, body, turn);
        return reply.Refusal is { } refusal ? new ServerFrame.Refused(frame.Id, refusal) : new ServerFrame.Acknowledged(frame.Id, (AcknowledgedData)reply.Data!);
    }

    public async Task<CredentialState> Look(Door door)
    {
        try
        {
            return await gate.Look(InnerContext.Again(door));
        }
        catch (OperationCanceledException) when (door.Aborted.IsCancellationRequested)
        {
            return new(null); // it is gone
        }
        catch (Exception e)
        {
            return new(Failed(door, e));
        }
    }

    /// <summary>What went wrong, as a request would be told.</summary>
    public Rejection Failed(Door door, Exception e) => failures.Refusal(InnerContext.Again(door), e);

    public string CursorOf(InboxPlace place, Tenant tenant) => place.Mint(cursors, tenant);

    /// <returns>Null: it is no cursor of this tenant's.</returns>
    public InboxPlace? PlaceOf(string cursor, Tenant tenant) => InboxPlace.Read(cursors, tenant, cursor);

    private async Task<Reply> Ask<T>(Door door, Operation<T> operation, Func<PeerCall, T, Task<Reply>> handler, string conversationId, ReadOnlyMemory<byte> body, InOrder turn, FairPlaces.Place? place = null)
    {
        var began = time.GetTimestamp();
        var reply = await Asked(door, operation, handler, conversationId, body, turn, place);
        ApiMetrics.Answered(operation.Name, reply.Status, time.GetElapsedTime(began));
        if (reply.Refusal is { } refused)
        {
            ApiMetrics.Refused(refused.Code);
        }

        return reply;
    }

    /// <summary>Whatever becomes of it, those behind it have their turn.</summary>
    private async Task<Reply> Asked<T>(Door door, Operation<T> operation, Func<PeerCall, T, Task<Reply>> handler, string conversationId, ReadOnlyMemory<byte> body, InOrder turn, FairPlaces.Place? place)
    {
        using var held = place;
        try
        {
            var http = InnerContext.Of(door, operation, door.Authorization, [(Conversation, conversationId)], body);
            if (place is not null)
            {
                Body.Hold(http, place);
            }

            http.Features.Set(turn);
            http.Features.Set(door.Key);
            http.Features.Set(door.Signer);
            try
            {
                return await gate.Ask(http, operation, handler);
            }
            catch (Exception e)
            {
                return Reply.Refused(failures.Refusal(http, e));
            }
        }
        finally
        {
            turn.End();
        }
    }
}
