using System.Globalization;
using Agora.Api.Conversations.Sockets;
using Agora.Api.Tests.Support;
using Agora.Contracts;
using Agora.Core;
using Agora.Core.Agents;
using Agora.Core.Conversations;
using Agora.Core.Kernel;
using Agora.Journal;
using Agora.Journal.Memory;
using Agora.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;

namespace Agora.Api.Tests.Conversations;

/// <summary>A connection's credential is looked at when it may have changed, and a look that fails ends nobody else's.</summary>
public sealed class SocketCredentialTests
{
    [Fact]
    public async Task Who_breaks_off_while_its_credential_is_looked_at_takes_nobody_along()
    {
        var keys = new WatchedKeys();
        await using var talk = await Talk.Of(await RunningApi.Start(edge: keys.Over), "a", "b");
        await using var stays = await SocketClient.Open(talk, "b");
        var leaves = await SocketClient.Open(talk, "a");
        var looked = keys.Hold("a");
        await looked.WaitAsync(Hang.Timeout);
        await leaves.DisposeAsync();
        await keys.GivenUp.WaitAsync(Hang.Timeout);
        await Revoke(talk, "b");
        Assert.Equal(4401, await stays.End());
        Assert.False(talk.Api.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.IsCancellationRequested, "The process ends.");
    }

    [Fact]
    public async Task A_message_that_is_late_ends_its_connection_while_the_look_at_anothers_credential_hangs()
    {
        var (keys, time) = (new WatchedKeys(), new MovedTimestamps());
        await using var talk = await Talk.Of(await RunningApi.Start(edge: keys.Over, time: time), "a", "b");
        await using var hangs = await SocketClient.Open(talk, "a");
        await using var late = await RawSocket.Open(talk, "b");
        await late.Head();
        await keys.Hold("a").WaitAsync(Hang.Timeout);
        await late.Send(RawSocket.Text, (byte)'{');
        await late.Send(RawSocket.Final | RawSocket.Ping);
        while ((await late.Next()).Opcode != RawSocket.Pong)
        {
            // Behind the pong the message has begun.
        }

        time.Move(TalkLimits.FrameWithin);
        Assert.Equal(4408, await late.End());
    }

    [Fact]
    public async Task One_whose_agent_has_not_changed_is_not_looked_at_again()
    {
        var keys = new WatchedKeys();
        await using var talk = await Talk.Of(await RunningApi.Start(edge: keys.Over), "a", "b");
        await using var rests = await SocketClient.Open(talk, "a");
        await using var changes = await SocketClient.Open(talk, "b");
        await Changed(2, 5); // 1: when it was opened, then for the first time, and for each change: a rests after the first two of these
        var before = keys.Count("a");
        await Changed(5, 7);
        Assert.Equal(before, keys.Count("a"));

        async Task Changed(int from, int to)
        {
            for (var n = from; n < to; n++)
            {
                await keys.Asked("b", n).WaitAsync(Hang.Timeout);
                (await talk.Api.Client.Admin(HttpMethod.Post, "/admin/agents/b/keys", "{}")).Expect(201);
            }

            await keys.Asked("b", to).WaitAsync(Hang.Timeout);
        }
    }

    [Fact]
    public async Task A_look_that_is_answered_by_what_was_so_before_is_made_again_and_the_connection_closed()
    {
        var keys = new WatchedKeys();
        await using var talk = await Talk.Of(await RunningApi.Start(edge: keys.Over), "a");
        await using var socket = await SocketClient.Open(talk, "a");
        await keys.Asked("a", 2).WaitAsync(Hang.Timeout);
        keys.AnswerOnceAsBefore("a");
        await Revoke(talk, "a");
        Assert.Equal(4401, await socket.End());
        Assert.True(keys.HasAnsweredAsBefore);
    }

    [Fact]
    public async Task A_key_that_ends_by_itself_closes_though_nothing_is_written()
    {
        await using var talk = await Talk.Among("a");
        var at = DateTimeOffset.UtcNow.AddSeconds(8).ToString("O", CultureInfo.InvariantCulture);
        var key = (await talk.Api.Client.Admin(HttpMethod.Post, "/admin/agents/a/keys", $$"""{"expires_at":"{{at}}"}""")).Expect(201).Data.GetProperty("key").GetString()!;
        await using var socket = await SocketClient.Open(talk.Api.Client.Address, key);
        Assert.Equal(4401, await socket.End());
    }

    [Fact]
    public async Task Streams_with_another_row_are_told_and_each_row_twice()
    {
        var (store, changes) = Changes();
        await using var talk = await Talk.Among(store, "a", "b");
        IReadOnlyList<StreamId> both = [Agent("a"), Agent("b")];
        await Begin(changes);
        await PutAgain(talk, "a", "x");
        Assert.Equal(["a"], await Moved(changes, both));
        await PutAgain(talk, "b", "x");
        Assert.Equal(["a", "b"], await Moved(changes, both));
        Assert.Equal(["b"], await Moved(changes, both));
        Assert.Empty(await Moved(changes, both));
    }

    [Fact]
    public async Task Of_more_streams_than_one_look_takes_the_last_is_told_too()
    {
        var (store, changes) = Changes();
        await using var talk = await Talk.Among(store, "a");
        IReadOnlyList<StreamId> many = [.. Enumerable.Range(0, FeedQuery.MaxStreams).Select(static n => Agent($"other-{n}")), Agent("a")];
        await Begin(changes);
        await PutAgain(talk, "a", "x");
        Assert.Equal(["a"], await Moved(changes, many));
    }

    [Fact]
    public async Task One_with_more_rows_than_a_window_hides_no_other()
    {
        var (store, changes) = Changes();
        await using var talk = await Talk.Among(store, "a", "z");
        IReadOnlyList<StreamId> both = [Agent("a"), Agent("z")];
        await Begin(changes);
        for (var n = 0; n < CredentialChanges.MostRows; n++) await PutAgain(talk, "a", $"x{n}");
        await PutAgain(talk, "z", "x");
        Assert.Equal(["a", "z"], await Moved(changes, both));
    }

    [Fact]
    public async Task What_changes_while_it_is_looked_for_is_told_the_next_time()
    {
        var (store, changes) = Changes();
        await using var talk = await Talk.Among(store, "a");
        await Begin(changes);
        store.Meanwhile = () => PutAgain(talk, "a", "x");
        Assert.Empty(await Moved(changes, [Agent("a")]));
        Assert.Equal(["a"], await Moved(changes, [Agent("a")]));
    }

    [Fact]
    public async Task What_changes_while_the_journal_is_away_is_told_behind_that()
    {
        var (store, changes) = Changes();
        await using var talk = await Talk.Among(store, "a");
        await Begin(changes);
        await PutAgain(talk, "a", "x");
        store.Trouble = "away";
        Assert.Empty(await Moved(changes, [Agent("a")]));
        store.Trouble = null;
        Assert.Equal(["a"], await Moved(changes, [Agent("a")]));
    }

    [Fact]
    public async Task Where_rows_were_cut_off_every_credential_is_looked_at()
    {
        var (store, changes) = Changes();
        await using var talk = await Talk.Among(store, "a", "b");
        await Begin(changes);
        store.Trouble = "cut";
        Assert.Equal(["a", "b"], await Moved(changes, [Agent("a"), Agent("b")]));
        store.Trouble = null;
        await Begin(changes);
        Assert.Empty(await Moved(changes, [Agent("a"), Agent("b")]));
    }

    private static (Troubled Store, CredentialChanges Changes) Changes()
    {
        var store = new Troubled(new MemoryJournal(TimeProvider.System));
        return (store, new(store, NullLogger<CredentialChanges>.Instance));
    }

    /// <summary>What there was is told no more.</summary>
    private static async Task Begin(CredentialChanges changes)
    {
        await changes.Since([], default);
        await changes.Since([], default);
    }

    private static StreamId Agent(string id) => new(Tenant.Default.Name, Kinds.Agent, id);

    private static async Task<IEnumerable<string>> Moved(CredentialChanges changes, IReadOnlyList<StreamId> streams) => [.. streams.Where(await changes.Since(streams, default)).Select(static stream => stream.Id)];

    private static async Task PutAgain(Talk talk, string agent, string owner) => (await talk.Api.Client.Admin(HttpMethod.Put, $"/admin/agents/{agent}", $$"""{"owner":"{{owner}}"}""")).Expect(200);

    private static async Task Revoke(Talk talk, string agent)
    {
        var key = (await talk.Api.Client.Admin(HttpMethod.Get, $"/admin/agents/{agent}/keys")).Expect(200).Data.GetProperty("keys")[0].GetProperty("key_id").GetString();
        (await talk.Api.Client.Admin(HttpMethod.Delete, $"/admin/agents/{agent}/keys/{key}")).Expect(200);
    }

    /// <summary>Away, or of another history, for whoever asks after streams by name.</summary>
    private sealed class Troubled(IJournal inner) : DelegatingJournal(inner)
    {
        public string? Trouble { get; set; }

        /// <summary>Behind a look that has found what it could, and before it is answered; once.</summary>
        public Func<Task>? Meanwhile { get; set; }

        public override async IAsyncEnumerable<FeedWindow> Follow(FeedQuery query, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
        {
            await foreach (var window in base.Follow(query, cancel))
            {
                if (query.Streams is not null && Meanwhile is { } happens)
                {
                    Meanwhile = null;
                    await happens();
                }

                if (query.Streams is not null && Trouble == "away") throw new JournalUnavailableException("It is away.");

                yield return query.Streams is not null && Trouble == "cut" ? window with { Rows = [], Reset = true } : window;
            }
        }
    }

    /// <summary>How often each agent was asked for its key, and those of one held back until whoever asks gives up.</summary>
    private sealed class WatchedKeys
    {
        private readonly Lock _gate = new();
        private readonly Dictionary<string, int> _asked = [];
        private readonly List<(string Agent, int Count, TaskCompletionSource Reached)> _waiting = [];
        private readonly TaskCompletionSource _held = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _givenUp = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private volatile string? _holds;
        private volatile string? _asBefore;
        private volatile object? _before;

        public Task GivenUp => _givenUp.Task;

        public IEntities Over(IEntities inner) => new Edge(this, inner);

        public Task Hold(string agent)
        {
            _holds = agent;
            return _held.Task;
        }

        /// <summary>The next time that it is asked for, and once: as an activation that has lost its place answers for up to a second.</summary>
        public void AnswerOnceAsBefore(string agent) => _asBefore = agent;

        public bool HasAnsweredAsBefore => _before is not null && _asBefore is null;

        public int Count(string agent)
        {
            lock (_gate) return _asked.GetValueOrDefault(agent);
        }

        public Task Asked(string agent, int count)
        {
            lock (_gate)
            {
                if (_asked.GetValueOrDefault(agent) >= count) return Task.CompletedTask;

                var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                _waiting.Add((agent, count, reached));
                return reached.Task;
            }
        }

        private async Task Ask(string agent, CancellationToken cancel)
        {
            lock (_gate)
            {
                var count = _asked[agent] = 1 + _asked.GetValueOrDefault(agent);
                foreach (var waiting in _waiting.Where(one => one.Agent == agent && count >= one.Count)) waiting.Reached.TrySetResult();
            }

            if (_holds != agent) return;

            _held.TrySetResult();
            try
            {
                await Task.Delay(Timeout.Infinite, cancel);
            }
            finally
            {
                _givenUp.TrySetResult();
            }
        }

        private object Known(string agent, object answer)
        {
            if (_asBefore != agent) return _before = answer;

            _asBefore = null;
            return _before!;
        }

        private sealed class Edge(WatchedKeys keys, IEntities inner) : IEntities
        {
            public EntityRef<TCommand> Of<TCommand>(StreamId stream)
                where TCommand : class => new(stream, Send<TCommand>);

            private async Task<Envelope> Send<TCommand>(StreamId stream, Envelope envelope, CancellationToken cancel)
                where TCommand : class
            {
                if (envelope.Body is AgentCommand.VerifyKey)
                {
                    await keys.Ask(stream.Id, cancel);
                }

                var answer = envelope.Answered(await inner.Of<TCommand>(stream).Send((TCommand)envelope.Body, new(envelope.CommandId, envelope.Trace, envelope.Key, envelope.IsStep, envelope.Actor, envelope.Act), cancel));
                return envelope.Body is AgentCommand.VerifyKey ? envelope.Answered(keys.Known(stream.Id, answer.Body)) : answer;
            }
        }
    }
}
