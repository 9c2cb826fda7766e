using System.Buffers;
using System.Text.Json;
using Agora.Contracts;
using Agora.Core;
using Agora.Core.Conversations;
using Agora.Core.Kernel;
using Agora.Core.Services;
using Agora.Journal;
using Agora.Outbound;

namespace Agora.Grains.Conversations;

/// <summary>
/// Has agents do what they are paid for. A run is a request in the conversation of the agent that asks and the agent that is asked, under the run's id, and its output is the reply. Which of the two came
/// first, the reply or its deadline, the conversation says: so an agent is paid where its reply stands before that, and only there.
/// <para>Said again after a failure it is the same request: its command's id follows from the run's.</para>
/// </summary>
/// <param name="newId">Of what is asked besides; null: random ones.</param>
public sealed class AgentCaller(IEntities entities, Replies replies, ConversationLog log, TimeProvider time, Func<Guid>? newId = null)
{
    /// <summary>A reply of this content type says that the agent does not do it.</summary>
    public const string Problem = "application/problem+json";

    /// <summary>A conversation that was closed, or that one of the two has left, is followed by another, so often.</summary>
    public const int Conversations = 64;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <summary>By so much the conversation may be late in saying that there was no reply.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private static readonly ConversationLimits Limits = new(
        TalkLimits.MessagesPerMinute, TalkLimits.Unacknowledged, TalkLimits.MessageBytes, TtlSeconds: 3_600, TalkLimits.RetentionSecondsDefault);

    /// <summary>Which of their conversations was open last, where it is not the first. What is forgotten is found again: each of those before says that the two talk there no more.</summary>
    private readonly Remembered<(string Tenant, string Asked, string By), int> _open = new(TalkLimits.Found);

    public async Task<OutboundResult> Call(Tenant tenant, string agentId, ServiceCall call, TimeSpan timeout, string? trace, CancellationToken unwanted)
    {
        var started = time.GetTimestamp();
        var result = await Ask(tenant, agentId, call, timeout, trace, unwanted);
        return result is not OutboundResult.Failed { Kind: OutboundFailure.Timeout } ? result : await Look(tenant, agentId, call with { Deadline = call.Deadline - time.GetElapsedTime(started) }) ?? result;
    }

    /// <summary>As <see cref="Call"/>, but no longer than it may take: where that ended without a reply, <see cref="Look"/> says whether there is none.</summary>
    public async Task<OutboundResult> Ask(Tenant tenant, string agentId, ServiceCall call, TimeSpan timeout, string? trace, CancellationToken unwanted)
    {
        if (agentId == call.AgentId) return new OutboundResult.Failed(OutboundFailure.Refused, null, 0);

        var content = Content(call);
        if (content.Utf8.Length > TalkLimits.MessageBytes) return new OutboundResult.Failed(OutboundFailure.TooLarge, null, 0);

        var (started, within) = (time.GetTimestamp(), timeout < call.Deadline ? timeout : call.Deadline);
        using var over = new CancellationTokenSource(within + Patience < call.Deadline ? within + Patience : call.Deadline, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(over.Token, unwanted);
        try
        {
            string[] above = [.. call.Path.Where(agent => agent != call.AgentId)];
            var pair = (tenant.Name, agentId, call.AgentId);
            for (var nth = _open.Of(pair); nth < Conversations; nth++)
            {
                if (nth > 0)
                {
                    _open.Keep(pair, nth); // in those before the two talk no more
                }

                var request = new Request(tenant, agentId, call.AgentId, nth, call.RunId, above.Length == 0 ? null : above, trace);
                if (await Reply(request, content, () => (int)Math.Max(1, (within - time.GetElapsedTime(started)).TotalSeconds), either.Token) is { } result)
                {
                    return result;
                }
            }

            return new OutboundResult.Failed(OutboundFailure.BadStatus, 409, 1);
        }
        catch (OperationCanceledException)
        {
            return new OutboundResult.Failed(OutboundFailure.Timeout, null, 1);
        }
    }

    /// <summary>The reply to a request whose time ended without one: it may be there, and the journal was slow or out of reach. As long as the call may take, that is looked for.</summary>
    /// <returns>Null: no reply in time that is an output, as far as can be told.</returns>
    public async Task<OutboundResult.Succeeded?> Look(Tenant tenant, string agentId, ServiceCall call)
    {
        try
        {
            using var over = new CancellationTokenSource(call.Deadline > Patience ? call.Deadline : Patience, time);
            for (var nth = _open.Of((tenant.Name, agentId, call.AgentId)); nth >= 0; nth--) // whoever replied may have closed it behind that, and the next one is open
            {
                var request = new Request(tenant, agentId, call.AgentId, nth, call.RunId, Above: null, Trace: null);
                using var expected = await replies.Expect(request.Stream, request.MessageId, request.Asked);
                if (Result(request, await Behind(request, 1, expected, over.Token)) is OutboundResult.Succeeded served) return served;
            }

            return null;
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    // What came of a request. Null: in that conversation the two talk no more.
    private async Task<OutboundResult?> Reply(Request request, Personal content, Func<int> left, CancellationToken over)
    {
        using var expected = await replies.Expect(request.Stream, request.MessageId, request.Asked).WaitAsync(over);
        var asked = await SayInTime(request, content, left, over);
        if (asked?.Rejection is { } parted && (parted == ConversationRejection.Closed || parted == ConversationRejection.HasLeft || parted == ConversationRejection.NotFound))
        {
            return null;
        }

        if (asked?.Rejection is { } rejection)
        {
            return new OutboundResult.Failed(OutboundFailure.BadStatus, rejection.Retry ? 429 : rejection.Code == Codes.Forbidden ? 403 : 409, 1);
        }

        Entry? end;
        if (asked?.Reply is Entered { Number: var number })
        {
            end = await End(request, expected, number, asked.Replayed, over);
            _ = Acknowledge(request, request.Asked, number);
        }
        else
        {
            end = await Last(request, expected, 1);
        }

        return Result(request, end);
    }

    private OutboundResult Result(Request request, Entry? end)
    {
        if (end is not { Happened: ConversationEvent.Said reply }) return new OutboundResult.Failed(OutboundFailure.Timeout, null, 1);

        _ = Acknowledge(request, request.By, reply.Number);
        return reply switch
        {
            { ContentType: Problem } => new OutboundResult.Failed(OutboundFailure.BadStatus, 422, 1),
            { Content: { } output } => new OutboundResult.Succeeded(200, output.Utf8, 1) { ContentType = reply.ContentType },
            _ => new OutboundResult.Failed(OutboundFailure.Malformed, null, 1), // erased meanwhile
        };
    }

    private async Task<Entry?> End(Request request, Replies.Expected expected, long number, bool isRepeated, CancellationToken over)
    {
        try
        {
            if (isRepeated && await Behind(request, number, expected, over) is { } before) return before;

            // Awaited itself, and cut off by the token: what waits beside a task goes on in another scheduler than its caller's.
            using var cut = over.UnsafeRegister(static waited => ((Replies.Expected)waited!).Forsake(), expected);
            return await expected.Ended;
        }
        catch (OperationCanceledException)
        {
            return await Last(request, expected, number);
        }
    }

    // The time is over: what was heard, or else what the log has behind this number.
    private async Task<Entry?> Last(Request request, Replies.Expected expected, long number)
    {
        if (expected.Ended.IsCompletedSuccessfully) return await expected.Ended;

        using var last = new CancellationTokenSource(Patience, time);
        return await Behind(request, number, expected, last.Token);
    }

    // A reply in time is paid for also where the journal is out of reach for a moment when it is looked for.
    private async Task<Entry?> Behind(Request request, long number, Replies.Expected expected, CancellationToken over)
    {
        while (true)
        {
            try
            {
                return await log.Behind(request.Stream, number, expected.IsEndedBy, over);
            }
            catch (JournalUnavailableException)
            {
                await Task.Delay(Pause, time, over);
            }
        }
    }

    // Null: no answer came in time. It may have been said all the same, and replied to.
    private async Task<Answer?> SayInTime(Request request, Personal content, Func<int> left, CancellationToken over)
    {
        try
        {
            return await Say(request, content, left, over);
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    private async Task<Answer> Say(Request request, Personal content, Func<int> left, CancellationToken over)
    {
        for (var isThere = false; ;)
        {
            try
            {
                // By the time that is left now: whoever replies within what it was given is heard.
                var saying = new Saying(request.MessageId, "application/json", content.Utf8.Length, ReplyWithinSeconds: left(), Path: request.Above, To: request.Asked);
                var said = await Send(request, "say", new ConversationCommand.Say(request.By, saying, content), over);
                if (said.Rejection != ConversationRejection.NotFound || isThere) return said;

                // Whoever is asked owns it: it has offered to be, so whoever asks is no stranger who may speak once.
                var blocks = await Between(request, over);
                var opened = await Send(request, "open", new ConversationCommand.Open(request.Asked, [request.By], Topic: null, IsOpen: false, Limits, Blocks: blocks), over);
                if (opened.Rejection is { } parted && parted != ConversationRejection.Exists) return opened;
                isThere = true;
                await Blocks.Tell(entities, request.Stream, await Between(request, over), Fresh, over);
            }
            catch (OperatingException)
            {
                await Task.Delay(Pause, time, over);
            }
        }
    }

    private Task<IReadOnlyList<Block>> Between(Request request, CancellationToken over) => Blocks.Among(entities, request.Tenant, [request.Asked, request.By], Fresh, over);

    private CommandContext Fresh() => new(newId?.Invoke() ?? Guid.CreateVersion7(time.GetUtcNow()));

    private Task<Answer> Send(Request request, string verb, ConversationCommand command, CancellationToken cancel) =>
        entities.Of<ConversationCommand>(request.Stream).Send(command, new(request.CommandId(verb), request.Trace, IsStep: true), cancel).WaitAsync(cancel);

    // Nobody's run waits for it: what is not acknowledged is dropped an hour later.
    private async Task Acknowledge(Request request, string agentId, long number)
    {
        try
        {
            await Send(request, $"acknowledge {agentId}", new ConversationCommand.Acknowledge(agentId, number), CancellationToken.None);
        }
        catch (Exception e) when (e is OperatingException or TimeoutException)
        {
            return;
        }
    }

    private static Personal Content(ServiceCall call)
    {
        var written = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(written))
        {
            json.WriteStartObject();
            json.WriteString("service_id", call.ServiceId);
            json.WriteString("run_id", call.RunId);
            json.WritePropertyName("input");
            json.WriteRawValue(call.Body.Span);
            json.WriteEndObject();
        }

        return new(written.WrittenMemory.ToArray());
    }

    /// <param name="Nth">Of their conversations.</param>
    /// <param name="Above">Agents on whose behalf it is asked, besides <paramref name="By"/>; null: nobody.</param>
    private sealed record Request(Tenant Tenant, string Asked, string By, int Nth, Guid RunId, IReadOnlyList<string>? Above, string? Trace)
    {
        private readonly string _pair = $"asked:{Asked}:{By}:{Nth}";

        public string MessageId { get; } = RunId.ToString("D");

        public StreamId Stream => Tenant.Conversation(Ids.FromKey(Tenant.Name, _pair, "conversation").ToString("D"));

        // A step's command is known again by its id alone; the time in it says nothing.
        public Guid CommandId(string verb) => Ids.Derive(DateTimeOffset.UnixEpoch, Ids.FromKey(Tenant.Name, _pair, verb == "open" ? verb : $"{verb} {MessageId}"), 0);
    }
}
