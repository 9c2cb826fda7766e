using System.Globalization;
using Agora.Application.Calls;
using Agora.Application.Conversations;
using Agora.Application.Operations;
using Agora.Contracts;
using Agora.Core.Conversations;
using Agora.Core.Kernel;
using Agora.Grains.Kernel;
using Agora.Web;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Agora.Streams;

/// <summary>
/// Conversations as streams of the Durable Streams protocol. Whoever may read or say something by the routes of conversations may by these, behind the same gate; a stream's messages are its conversation's, and so are its limits.
/// It is no part of our document: the protocol has its own.
/// </summary>
internal sealed class StreamEndpoints(PeerGate gate, IEntities entities, PeerConversations conversations, StreamTail tail, ReplyWriter replies, Failures failures) : IFeature
{
    /// <summary>All of them stand below.</summary>
    public const string Path = StreamHeaders.Root;

    private const string Root = $"{Path}/{{conversation_id}}";

    private static readonly Operation<AppendAsked> Create = Foreign("stream_create", "PUT", AppendAsked.ReadNew);
    private static readonly Operation<AppendAsked> Append = Foreign("stream_append", "POST", AppendAsked.Read) with { SubjectFirst = static _ => true };
    private static readonly Operation<ReadAsked> Get = Foreign("stream_read", "GET", ReadAsked.Read) with { SubjectFirst = static _ => true };
    private static readonly Operation<string> Delete = Foreign("stream_delete", "DELETE", static call => call.Id("conversation_id"));

    private static readonly Rejection OtherStream = new(Codes.IdempotencyConflict, "There is another conversation under this id, or one that was erased: another id is wanted.");
    private static readonly Rejection Reserved = Findings.Invalid("conversation_id", "not", "Ids of this form are given by us: another is wanted, such as a name.");
    private static readonly Rejection Empty = Findings.Invalid("", "required", "Nothing is appended: a body is wanted, of JSON at least one message, or Stream-Closed: true.");
    private static readonly Rejection Untyped = Findings.Invalid(HeaderNames.ContentType, "required", "What is appended has a type: the stream's.");
    private static readonly Rejection Ahead = Findings.Invalid("offset", "maximum", "Nothing stands there yet: it is no offset of this stream.");

    private static readonly ConversationLimits Bounds = ConversationLimits.Default with { MessagesPerMinute = TalkLimits.AppendedPerMinute };

    private readonly FairPlaces _waiting = new(TalkLimits.StreamReadersOfAll, ofUser: TalkLimits.StreamReaders);

    public void Map(Routes routes) => routes
        .Says(StreamHeaders.Said)
        .Door("PUT", Root, http => Answer(http, Create, CreateStream))
        .Door("POST", Root, http => Answer(http, Append, AppendMessages))
        .Door("GET", Root, http => Answer(http, Get, ReadStream))
        .Door("HEAD", Root, http => Answer(http, Get, ShowStream))
        .Door("DELETE", Root, http => Answer(http, Delete, DeleteStream));

    private static Operation<T> Foreign<T>(string name, string method, Func<Call, T> read) => new(Audience.Peers, name, $"{method} {Root}", "")
    {
        Read = read,
        IsForeign = true,
        TakesBytes = true,
        Data = typeof(PlainBytes),
        DataExample = "",
    };

    private async Task<Reply> CreateStream(PeerCall call, AppendAsked asked)
    {
        if (Guid.TryParse(asked.ConversationId, out _) || TaskIds.IsOne(asked.ConversationId)) return Reply.Refused(Reserved);

        var type = asked.ContentType ?? StreamContent.Bytes;
        var contents = Messages(call, type, asked);
        if (call.Findings.Refusal is { } unread) return Reply.Refused(unread);
        if (await conversations.View(call.Caller, asked.ConversationId, call.Cancel) is { } there) return Same(there, type, asked);

        var context = call.Fresh();
        var first = contents.Count == 0 && !asked.Closes ? null : new Appending(context.CommandId.ToString("D"), StreamContent.MediaTypeOf(type)!, contents, asked.Closes);
        var open = new ConversationCommand.Open(call.AgentId, [], null, IsOpen: false, Bounds, ContentType: type, First: first);
        var answer = await entities.In(call.Tenant).Conversation(asked.ConversationId).Send(open, context, call.Cancel);
        var view = await conversations.View(call.Caller, asked.ConversationId, call.Cancel);
        if (answer.Rejection is { } refusal)
        {
            return refusal != ConversationRejection.Exists ? Reply.Refused(refusal) : view is null ? Reply.Refused(OtherStream) : Same(view, type, asked);
        }

        return new Reply(StatusCodes.Status201Created, new PlainBytes(type, default), null) { Location = call.Address, Headers = [Offset(view!.Last), .. Closed(asked.Closes)] };
    }

    private static Reply Same(ConversationView there, string type, AppendAsked asked) =>
        there.Erased || StreamContent.MediaTypeOf(StreamTail.TypeOf(there)) != StreamContent.MediaTypeOf(type) || asked.Closes != there.ClosedAt is not null ? Reply.Refused(OtherStream)
        : new(StatusCodes.Status200OK, new PlainBytes(StreamTail.TypeOf(there), default), null) { Headers = [Offset(there.Last), .. Closed(asked.Closes)] };

    private async Task<Reply> AppendMessages(PeerCall call, AppendAsked asked)
    {
        if (await tail.View(call, asked.ConversationId) is not { } view) return Reply.Refused(ConversationRejection.NotFound);
        if (await conversations.Beyond(call.Caller, asked.ConversationId, call.Cancel) is { } beyond) return Reply.Refused(beyond);

        var (contents, wrong) = Contents(call, view, asked);
        if (wrong is not null) return wrong;

        var (context, type) = (call.Fresh(), StreamContent.MediaTypeOf(StreamTail.TypeOf(view))!);
        var append = new ConversationCommand.Append(call.AgentId, new(context.CommandId.ToString("D"), type, contents, asked.Closes, asked.Order, asked.Producer));
        var caller = call.Caller;
        var answer = await caller.InTurn(() => conversations.Send(caller, asked.ConversationId, append, context, call.Cancel));
        if (answer.Rejection is { } refusal) return await Refused(call, asked.ConversationId, refusal);

        var (number, seq, isClosed) = answer.Reply is Repeated repeated ? (repeated.Number, repeated.Seq, repeated.IsClosed) : (answer.As<Entered>().Number, asked.Producer?.Seq, asked.Closes);
        List<(string, string)> headers = [Offset(number), .. Closed(isClosed)];
        if (asked.Producer is { } producer)
        {
            headers.AddRange([(StreamHeaders.ProducerEpoch, Number(producer.Epoch)), (StreamHeaders.ProducerSeq, Number(seq!.Value))]);
        }

        return asked.Producer is null || contents.Count == 0 || answer.Reply is Repeated ? Reply.NoContent(headers) : new(StatusCodes.Status200OK, new PlainBytes(type, default), null) { Headers = headers };
    }

    /// <summary>Of a stream that is closed nothing is read: that it is closed is told before what is wrong with a body.</summary>
    private static (IReadOnlyList<Personal> Contents, Reply? Wrong) Contents(PeerCall call, ConversationView view, AppendAsked asked)
    {
        if (call.Findings.Refusal is { } unread) return ([], Reply.Refused(unread));
        if (asked.Bytes.IsEmpty) return ([], asked.Closes ? null : Reply.Refused(Empty));
        if (view.ClosedAt is not null) return ([Personal.Of("")], null);
        if (asked.ContentType is null) return ([], Reply.Refused(Untyped));

        var type = StreamTail.TypeOf(view);
        if (StreamContent.MediaTypeOf(asked.ContentType) != StreamContent.MediaTypeOf(type))
        {
            return ([], Reply.Refused(new Rejection(Codes.UnsupportedMediaType, "The stream is of another content type.").With("content_type", type)) with { Status = StatusCodes.Status409Conflict });
        }

        var contents = Messages(call, type, asked);
        return (contents, call.Findings.Refusal is { } refusal ? Reply.Refused(refusal) : contents.Count == 0 ? Reply.Refused(Empty) : null);
    }

    private static IReadOnlyList<Personal> Messages(PeerCall call, string type, AppendAsked asked)
    {
        if (StreamContent.IsJson(type) && !call.HasRoomToParse)
        {
            call.Findings.Malform(Body.NoPlace);
            return [];
        }

        return StreamContent.Messages(type, asked.Bytes, call.Findings);
    }

    private async Task<Reply> Refused(PeerCall call, string id, Rejection refusal)
    {
        var headers = new List<(string, string)>();
        foreach (var (fact, header) in ((string, string)[])[("producer_epoch", StreamHeaders.ProducerEpoch), ("expected_seq", StreamHeaders.ExpectedSeq), ("received_seq", StreamHeaders.ReceivedSeq)])
        {
            if (refusal.FactOf(fact) is { } value)
            {
                headers.Add((header, value));
            }
        }

        if (refusal.Code == Codes.ConversationClosed && await tail.View(call, id) is { } view)
        {
            headers.AddRange([Offset(view.Last), .. Closed(true)]);
        }

        return Reply.Refused(refusal) with { Headers = headers };
    }

    private async Task<Reply> ReadStream(PeerCall call, ReadAsked asked)
    {
        if (await tail.View(call, asked.ConversationId) is not { } view) return Reply.Refused(ConversationRejection.NotFound);
        if (call.Findings.Refusal is { } unread) return Reply.Refused(unread);

        var after = asked.After ?? view.Last;
        if (await tail.Read(call, view, after) is not { } page) return Reply.Refused(Ahead);

        await Acknowledge(call, view, asked.After ?? 0);
        if (!asked.IsPolled && !asked.IsTold) return Page(call, view, asked, page, null);
        if (call.Take(_waiting, PlaceOwners.Of(call.Tenant, call.AgentId), Codes.RateLimited) is { } crowded) return Reply.Refused(crowded);

        if (asked.IsTold)
        {
            (string, string)[] encoded = StreamContent.IsText(page.ContentType) ? [] : [(StreamHeaders.Encoding, "base64")];
            return Reply.Streamed(EventStream.Type, tail.Events(call, view, page, asked.Cursor)) with { Headers = [(HeaderNames.CacheControl, "no-cache"), .. encoded] };
        }

        if (page.Messages.Count == 0 && !page.IsClosed)
        {
            if (await tail.Await(call, view, page.Last) is not { } awaited) return Reply.Refused(ConversationRejection.NotFound);

            page = awaited;
        }

        var cursor = StreamTail.Cursor(call.Now, asked.Cursor);
        return page.Messages.Count > 0 ? Page(call, view, asked, page, cursor) : Reply.NoContent([Offset(page.Last), (StreamHeaders.UpToDate, StreamHeaders.True), (StreamHeaders.Cursor, cursor), .. Closed(page.IsClosed)]);
    }

    private static Reply Page(PeerCall call, ConversationView view, ReadAsked asked, StreamPage page, string? cursor)
    {
        var tag = $"\"{view.ConversationId}:{ReadAsked.OffsetOf(asked.After ?? view.Last)}:{ReadAsked.OffsetOf(page.Last)}{(page.IsClosed ? ":c" : "")}\"";
        List<(string, string)> headers = [Offset(page.Last), .. Closed(page.IsClosed), (HeaderNames.ETag, tag), (HeaderNames.CacheControl, asked.After is null ? "no-store" : "private, no-cache")];
        if (page.IsEnd)
        {
            headers.Add((StreamHeaders.UpToDate, StreamHeaders.True));
        }

        if (cursor is not null)
        {
            headers.Add((StreamHeaders.Cursor, cursor));
        }

        return (call.Header(HeaderNames.IfNoneMatch) == tag ? Reply.NotModified() : Reply.Ok(new PlainBytes(page.ContentType, StreamContent.Read(page.ContentType, page.Messages)))) with { Headers = headers };
    }

    /// <summary>Whoever reads on from an offset has what stands before it: for that it keeps nobody waiting.</summary>
    private async Task Acknowledge(PeerCall call, ConversationView view, long number)
    {
        if (number > view.You!.Acked && view.Members.Any(member => member.AgentId != call.AgentId && !member.HasLeft))
        {
            await conversations.Ask(call.Caller, view.ConversationId, new ConversationCommand.Acknowledge(call.AgentId, number), call.Cancel);
        }
    }

    private async Task<Reply> ShowStream(PeerCall call, ReadAsked asked) => await tail.View(call, asked.ConversationId) is not { } view ? Reply.Refused(ConversationRejection.NotFound)
        : Reply.Ok(new PlainBytes(StreamTail.TypeOf(view), default)) with { Headers = [Offset(view.Last), .. Closed(view.ClosedAt is not null)] };

    private async Task<Reply> DeleteStream(PeerCall call, string id)
    {
        if (await tail.View(call, id) is null) return Reply.Refused(ConversationRejection.NotFound);

        var answer = await conversations.Ask(call.Caller, id, new ConversationCommand.Erase(call.AgentId), call.Cancel);
        return answer.Rejection is { } refusal ? Reply.Refused(refusal) : Reply.NoContent();
    }

    private static (string, string) Offset(long number) => (StreamHeaders.NextOffset, ReadAsked.OffsetOf(number));

    private static (string, string)[] Closed(bool isClosed) => isClosed ? [(StreamHeaders.Closed, StreamHeaders.True)] : [];

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);

    /// <summary>The protocol has no refusal of content but 400.</summary>
    private async Task Answer<T>(HttpContext http, Operation<T> operation, Func<PeerCall, T, Task<Reply>> handler)
    {
        Reply reply;
        try
        {
            reply = await gate.Ask(new ReceivedRequest(http), operation, handler);
        }
        catch (Exception e) when (!http.RequestAborted.IsCancellationRequested)
        {
            reply = Reply.Refused(failures.Refusal(RouteNames.Of(http), e));
        }

        http.Response.Headers["Cross-Origin-Resource-Policy"] = "same-origin";
        var told = AgentGate.Told(new ReceivedRequest(http), reply, operation);
        await replies.Write(http, told.Status == StatusCodes.Status422UnprocessableEntity ? told with { Status = StatusCodes.Status400BadRequest } : told);
    }
}
