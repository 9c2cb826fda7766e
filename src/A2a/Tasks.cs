using System.Globalization;
using System.Text.Json;
using Agora.Application.Calls;
using Agora.Application.Catalogue;
using Agora.Application.Conversations;
using Agora.Application.Operations;
using Agora.Application.Reading;
using Agora.Application.Values;
using Agora.Core;
using Agora.Core.Conversations;
using Agora.Core.Kernel;
using Agora.Grains.Conversations;
using Agora.Grains.Kernel;
using Agora.Web;
using Microsoft.Extensions.Hosting;

namespace Agora.A2a;

/// <summary>
/// Tasks of the protocol. A task is a conversation of whoever asks with the agent: what is asked here is asked by the handlers of conversations, and what is told is what their log says (<see cref="TaskStory"/>).
/// So members, limits, quotas and durability are theirs. Nothing of a task is kept anywhere else.
/// </summary>
internal sealed class Tasks(PeerConversations conversations, ConversationLog log, Replies replies, Catalogues catalogues, TableReader tables, IHostApplicationLifetime lifetime, TimeProvider time)
{
    private static readonly Rejection NoAgent = new(Codes.NotFound, "There is no such agent, or it is not registered.");

    private static readonly Rejection OtherContent = new(Codes.IdempotencyConflict, "Under this id the task has another message. What is said anew has an id of its own.");

    private static readonly Fault OtherContext = Fault.Wrong("message.contextId", "The task is of another context.");
    private static readonly Fault NoEvent = Fault.Wrong(EventStream.LastEventId, "It is the number of an event that the task has.");

    private readonly FairPlaces _waiting = new(A2aLimits.WaitingOfAll, ofUser: A2aLimits.Waiting);

    /// <summary>Says a message, and tells what has become of its task.</summary>
    public async Task<Reply> Send(PeerCall call, SendAsked asked, Binding binding)
    {
        var (task, refused) = await Say(call, asked);
        if (refused is not null) return refused;
        if (asked.ReturnsAtOnce) return await Answer(call, task!, writer => Sent(writer, task!.Story, asked, binding));
        if (!Rests(task!.Story))
        {
            if (call.Take(_waiting, PlaceOwners.Of(call.Tenant, call.AgentId), Codes.RateLimited) is { } crowded) return Reply.Refused(crowded);

            using var over = CancellationTokenSource.CreateLinkedTokenSource(call.Cancel, lifetime.ApplicationStopping);
            await using var timer = time.After(A2aLimits.BlockFor, over);
            while (!Rests(task.Story) && !over.IsCancellationRequested)
            {
                if (!await More(call, task, null, over.Token)) return TaskFault(task);
            }
        }

        // Also where the agent was so fast that nothing had to be waited for.
        return await call.Ended() is { } ended ? Reply.Refused(ended) : await Answer(call, task, writer => Sent(writer, task.Story, asked, binding));
    }

    /// <summary>The same, told as it happens: until the task is over, or waits for whoever asked.</summary>
    public async Task<Reply> Stream(PeerCall call, SendAsked asked, Binding binding)
    {
        var (task, refused) = await Say(call, asked);
        return refused ?? await Told(call, task!, binding, Rests, asked.TaskId is null ? 1 : task!.Story.Sequence);
    }

    public async Task<Reply> Get(PeerCall call, TaskAsked asked, Binding binding) => await Find(call, asked) is not { } task ? Refused(Fault.NoTask)
        : task.Story.IsTooLong ? Refused(Fault.TooLong)
        : await Answer(call, task, writer => task.Story.Write(writer, asked.History, hasArtifacts: true, binding.HasSequence));

    /// <summary>Whoever asked closes the conversation. What the agent said before that counts.</summary>
    public async Task<Reply> Cancel(PeerCall call, TaskAsked asked, Binding binding)
    {
        if (await Find(call, asked) is not { } task) return Refused(Fault.NoTask);
        if (!task.Story.IsOver)
        {
            var closed = await conversations.Close(call.Caller, task.Story.TaskId, call.Cancel);
            if (closed.Refusal is { } refusal) return Refused(refusal.Code == Codes.NotFound ? Fault.NoTask : Fault.Of(refusal));

            await Read(task, null, call.Cancel);
        }

        return task.Story.IsTooLong ? Refused(Fault.TooLong)
            : task.Story.State != TaskState.Canceled ? Refused(Fault.NotCancelable)
            : await Answer(call, task, writer => task.Story.Write(writer, asked.History, hasArtifacts: true, binding.HasSequence));
    }

    /// <summary>A task's events as they happen, until it is over. Of one that is over only those are told that a client says it has missed.</summary>
    public async Task<Reply> Subscribe(PeerCall call, TaskAsked asked, Binding binding) => await Find(call, asked) is not { } task ? Refused(Fault.NoTask)
        : task.Story.IsOver && binding.After is null ? Refused(Fault.TaskIsOver)
        : await Told(call, task, binding, static story => story.IsOver, task.Story.Sequence);

    /// <summary>The newest tasks of the two, in the order in which something last became of them.</summary>
    public async Task<Reply> List(PeerCall call, TaskAsked asked, Binding binding)
    {
        var wanted = asked.List!;
        var after = wanted.PageToken is { } token ? PlaceOf(token) : null;
        if (wanted.PageToken is not null && after is null) return Refused(Fault.Wrong("pageToken", "It is none that ListTasks has given."));
        if (call.Take(_waiting, PlaceOwners.Of(call.Tenant, call.AgentId), Codes.RateLimited) is { } crowded) return Reply.Refused(crowded);

        var (found, entries) = (new List<(DateTimeOffset At, string Id)>(), 0);
        foreach (var id in await Ids(call, asked.AgentId))
        {
            var story = (await Read(new(call, asked.AgentId, id), null, call.Cancel)).Story;
            entries += story.Entries;
            if (entries > A2aLimits.ListedEntries) break;
            if (wanted.Is(story))
            {
                found.Add((story.At, id));
            }
        }

        found.Sort(static (one, other) => Compare(other, one));
        var rest = found.Where(one => after is not { } place || Compare(one, place) < 0).ToList();
        var (page, bytes) = (new List<TaskStory>(), 0);
        foreach (var (_, id) in rest)
        {
            if (page.Count == wanted.PageSize || bytes > A2aLimits.PageBytes) break;

            page.Add((await Read(new(call, asked.AgentId, id), null, call.Cancel)).Story);
            bytes += page[^1].Bytes;
        }

        return Reply.Ok(new Result(ApiJson.Text(writer =>
        {
            writer.WriteStartObject();
            writer.WriteStartArray("tasks");
            foreach (var story in page) story.Write(writer, asked.History, wanted.HasArtifacts, binding.HasSequence);
            writer.WriteEndArray();
            writer.WriteString("nextPageToken", page.Count < rest.Count ? TokenOf(rest[page.Count - 1]) : "");
            writer.WriteNumber("pageSize", wanted.PageSize);
            writer.WriteNumber("totalSize", found.Count);
            writer.WriteEndObject();
        })));
    }

    /// <summary>Null: who is asked is registered.</summary>
    public Rejection? Unregistered(PeerCall call, string agentId) => catalogues.Agents(call.Tenant).Find(agentId) is { Card.Signed.IsRevoked: false } ? null : NoAgent;

    private static Reply Refused(Fault fault) => new(fault.Status, fault, null);

    private static Reply TaskFault(Known task) => Refused(task.Story.IsTooLong ? Fault.TooLong : Fault.NoTask);

    private static bool Rests(TaskStory story) => story.IsOver || story.State.IsInterrupted();

    /// <summary>Writes the message with which the agent answered, or the task. A client that does not wait gets the task even if there is a message; so does a stream, which begins before the agent answers.</summary>
    private static void Sent(Utf8JsonWriter writer, TaskStory story, SendAsked asked, Binding binding)
    {
        writer.WriteStartObject();
        if (story.Answer is { } message && !asked.ReturnsAtOnce)
        {
            writer.WritePropertyName("message");
            writer.WriteRawValue(message);
        }
        else
        {
            writer.WritePropertyName("task");
            story.Write(writer, asked.History, hasArtifacts: true, binding.HasSequence);
        }

        writer.WriteEndObject();
    }

    /// <summary>The task of a message that is said, or was; or why it is refused.</summary>
    private async Task<(Known? Task, Reply? Refused)> Say(PeerCall call, SendAsked asked)
    {
        if (asked.PushWanted) return (null, Refused(Fault.NoPush));
        if (Unregistered(call, asked.AgentId) is { } unregistered) return (null, Reply.Refused(unregistered));

        var id = asked.TaskId ?? TaskIds.Of(call.Tenant, call.AgentId, asked.AgentId, asked.MessageId);
        var task = await Find(call, new(asked.AgentId, id, null));
        if (asked.TaskId is not null && task is null) return (null, Refused(Fault.NoTask));
        if (asked.TaskId is not null && !IsOfContext()) return (null, Refused(OtherContext));

        var content = asked.Content(id, task?.Story.ContextId ?? asked.ContextId ?? id);
        if (task?.Story.Said.TryGetValue(asked.MessageId, out var said) == true)
        {
            return StrictJson.Raw(content).AsSpan().SequenceEqual(said.Span) && IsOfContext() ? (task, null) : (null, Reply.Refused(OtherContent));
        }

        if (task is { Story.IsTooLong: true }) return (null, Refused(Fault.TooLong));
        if (task is { Story.IsOver: true }) return (null, Refused(Fault.TaskIsOver));
        if (Unsayable(call, asked.MessageId, content) is { } unsayable) return (null, Reply.Refused(unsayable));

        if (task is null && await Open(call, id, asked.AgentId) is { } refused) return (null, refused);

        var spoken = await conversations.Say(call.Caller, new SayRequest(id, asked.MessageId, content, SendAsked.ContentType, null, asked.ReplySeconds, null), call.Cancel);
        if (spoken.Refusal is { } refusal) return (null, refusal.Code == Codes.NotFound ? Refused(Fault.NoTask) : Reply.Refused(refusal));

        return (await Read(task ?? new(call, asked.AgentId, id), null, call.Cancel), null);

        bool IsOfContext() => asked.ContextId is null || asked.ContextId == task!.Story.ContextId;
    }

    /// <summary>What its conversation would refuse, told before there is one.</summary>
    private static Rejection? Unsayable(PeerCall call, string messageId, JsonElement content) => StrictJson.Raw(content).Length > TalkLimits.MessageBytes ? ConversationRejection.TooLong(TalkLimits.MessageBytes)
        : MessageIds.TimeOf(messageId) is { } made ? ConversationRejection.Untimely(made, call.Now) : null;

    /// <summary>Null: it is open, from now on or since the same was asked before.</summary>
    private async Task<Reply?> Open(PeerCall call, string id, string agentId)
    {
        var opened = await conversations.Open(call.Caller with { Context = call.Fresh() }, id, new([agentId], null, IsOpen: false, ConversationLimits.Default), call.Cancel);
        return opened.Refusal is { } refusal && refusal != ConversationRejection.Exists ? Reply.Refused(refusal) : null;
    }

    /// <summary>Null: it is not there, or another's, or was erased.</summary>
    private async Task<Known?> Find(PeerCall call, TaskAsked asked)
    {
        if (!DisplayText.IsId(asked.TaskId) || !TaskIds.IsOf(call.Tenant, call.AgentId, asked.AgentId, asked.TaskId)) return null;
        if (await conversations.View(call.Caller, asked.TaskId, call.Cancel) is not { You: not null, Erased: false } view || view.Owner != call.AgentId)
        {
            return null;
        }

        var task = await Read(new(call, asked.AgentId, asked.TaskId), null, call.Cancel);
        return task.Story.IsThere ? task : null;
    }

    /// <summary>Takes in all that its log has by now.</summary>
    private async Task<Known> Read(Known task, Action<TaskEvent>? tell, CancellationToken cancel)
    {
        while (!task.Story.IsTooLong)
        {
            var page = await log.Read(task.Stream, task.Next, static entry => entry.Number > 0, Limits.PageMax, cancel);
            if (page is null || (page.Entries.Count == 0 && page.Next == task.Next)) break;

            task.Next = page.Next;
            foreach (var told in page.Entries.SelectMany(task.Story.Apply)) tell?.Invoke(told);
        }

        return task;
    }

    /// <summary>Waits until there is more, and takes it in.</summary>
    /// <returns>False: it is no more to be told.</returns>
    private async Task<bool> More(PeerCall call, Known task, Action<TaskEvent>? tell, CancellationToken wait)
    {
        using var expected = await replies.Expect(task.Stream, static _ => true);
        var before = task.Story.Last;
        await Read(task, tell, CancellationToken.None);
        if (task.Story.Last == before)
        {
            // What the feed does not tell is looked for when it was quiet for so long.
            await Task.WhenAny(expected.Ended, Task.Delay(TalkLimits.HeartbeatEvery, time, wait));
            await Read(task, tell, CancellationToken.None);
        }

        if (task.Story.Last != before)
        {
            await Received(call, task);
        }

        return !task.Story.IsTooLong && task.Story.IsThere;
    }

    /// <param name="from">The event with which it begins where the client names none: how fast the agent is changes nothing of what is told of a message that begins a task.</param>
    private async Task<Reply> Told(PeerCall call, Known task, Binding binding, Func<TaskStory, bool> isEnd, long from)
    {
        if (task.Story.IsTooLong) return Refused(Fault.TooLong);

        var after = from;
        if (binding.After is { } last)
        {
            if (!long.TryParse(last, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number > task.Story.Sequence)
            {
                return Refused(NoEvent);
            }

            after = Math.Max(1, number);
        }

        return call.Take(_waiting, PlaceOwners.Of(call.Tenant, call.AgentId), Codes.RateLimited) is { } crowded ? Reply.Refused(crowded) : Reply.Streamed(EventStream.Type, Events(call, task, binding, after, isEnd));
    }

    /// <summary>The task as it stood when the client heard of it last, then each event behind that.</summary>
    private async IAsyncEnumerable<string> Events(PeerCall call, Known known, Binding binding, long after, Func<TaskStory, bool> isEnd)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(call.Cancel, lifetime.ApplicationStopping);
        await using var timer = time.After(TalkLimits.StreamFor, over);
        var (task, frames) = (new Known(call, known.AgentId, known.Story.TaskId), new List<string>());
        await Read(task, Tell, call.Cancel);
        await Received(call, task);
        while (true)
        {
            foreach (var frame in frames) yield return frame;
            if (isEnd(task.Story) || over.IsCancellationRequested) yield break;

            frames.Clear();
            if (!await More(call, task, Tell, over.Token) || !await call.Stands()) yield break;
            if (frames.Count == 0)
            {
                frames.Add(EventStream.Heartbeat);
            }
        }

        void Tell(TaskEvent told)
        {
            if (told.Number < after) return;

            frames.Add(Frame(binding, told.Number, told.Number == after ? "task" : told.Kind, writer =>
            {
                if (told.Number == after)
                {
                    task.Story.Write(writer, null, hasArtifacts: true, binding.HasSequence);
                    return;
                }

                writer.WriteStartObject();
                foreach (var member in JsonElement.Parse(told.Body).EnumerateObject()) member.WriteTo(writer);
                TaskStory.WriteSequence(writer, told.Number, binding.HasSequence);
                writer.WriteEndObject();
            }));
        }
    }

    private static string Frame(Binding binding, long number, string kind, Action<Utf8JsonWriter> write) => string.Create(CultureInfo.InvariantCulture, $"id: {number}\ndata: {ApiJson.Text(writer =>
    {
        writer.WriteStartObject();
        binding.WriteHead(writer);
        if (binding.RpcId is not null)
        {
            writer.WriteStartObject("result");
        }

        writer.WritePropertyName(kind);
        write(writer);
        writer.WriteEndObject();
        if (binding.RpcId is not null)
        {
            writer.WriteEndObject();
        }
    })}\n\n");

    private async Task<Reply> Answer(PeerCall call, Known task, Action<Utf8JsonWriter> write)
    {
        if (task.Story.IsTooLong) return Refused(Fault.TooLong);

        await Received(call, task);
        return Reply.Ok(new Result(ApiJson.Text(write)));
    }

    /// <summary>Whoever is told of a task has what the agent said, so none of it becomes a dead letter; and one that is over is closed, so that it is erased when its retention is over. Both may be said again.</summary>
    private async Task Received(PeerCall call, Known task)
    {
        if (task.Story.Spoken > task.Acknowledged)
        {
            var acknowledged = await conversations.Acknowledge(call.Caller, new(task.Story.TaskId, (int)task.Story.Spoken), call.Cancel);
            task.Acknowledged = acknowledged.Refusal is null ? task.Story.Spoken : task.Acknowledged;
        }

        if (task.Story is { IsOver: true, IsClosed: false })
        {
            await conversations.Close(call.Caller, task.Story.TaskId, call.Cancel);
        }
    }

    private async Task<IReadOnlyList<string>> Ids(PeerCall call, string agentId)
    {
        var prefix = TaskIds.Prefix(call.Tenant, call.AgentId, agentId);
        var looked = await tables.In(call.Tenant).Look(
            ConversationTables.Members,
            [new("updated_at", Descending: true), new("conversation_id", Descending: true)],
            [TableReader.Is("agent_id", call.AgentId)],
            [new("conversation_id", Journal.Comparison.AtLeast, prefix), new("conversation_id", Journal.Comparison.LessThan, $"{prefix}~")],
            new(null, A2aLimits.Listed, 0, Limits.LookedAt),
            call.Cancel);
        return [.. looked.Rows.Select(row => row.Text("conversation_id"))];
    }

    private static int Compare((DateTimeOffset At, string Id) one, (DateTimeOffset At, string Id) other) => one.At.CompareTo(other.At) is var times and not 0 ? times : string.CompareOrdinal(one.Id, other.Id);

    private static string TokenOf((DateTimeOffset At, string Id) place) => string.Create(CultureInfo.InvariantCulture, $"{place.At.ToMicros()}.{place.Id}");

    private static (DateTimeOffset At, string Id)? PlaceOf(string token) =>
        token.IndexOf('.', StringComparison.Ordinal) is var dot and > 0 && long.TryParse(token.AsSpan(0, dot), NumberStyles.None, CultureInfo.InvariantCulture, out var micros) && micros <= DateTimeOffset.MaxValue.ToMicros()
            ? (Timestamps.FromMicros(micros), token[(dot + 1)..]) : null;

    /// <summary>A task, and how far it was read.</summary>
    private sealed class Known(PeerCall call, string agentId, string taskId)
    {
        public string AgentId => agentId;

        public StreamId Stream { get; } = call.Tenant.Conversation(taskId);

        public TaskStory Story { get; } = new(taskId, call.AgentId, agentId);

        public EntryPlace Next { get; set; } = EntryPlace.Start;

        public long Acknowledged { get; set; }
    }
}

/// <summary>What a method of the protocol answers: its result, as JSON.</summary>
internal sealed record Result(string Json);
