using System.Collections.Concurrent;
using Agora.Api.Tests.Memories;
using Agora.Api.Tests.Support;
using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Core.Responses;
using Agora.Core.Runs;
using Agora.Core.Users;
using Agora.Core.Watches;
using Agora.Journal.Memory;
using Agora.ScriptedModels;
using Microsoft.Extensions.DependencyInjection;
using static Agora.Api.Tests.Watches.WatchWorld;

namespace Agora.Api.Tests.Watches;

/// <summary>Whatever a driver meets, each dialogue that waits for one is moved on.</summary>
public sealed class DriverTests
{
    private const string Said = "This is a scripted answer.";

    /// <summary>A driver that says nothing for so long is gone.</summary>
    private static readonly TimeSpan Gone = WatchLimits.HeldFor + TimeSpan.FromSeconds(1);

    [Fact]
    public async Task However_many_wait_for_people_before_it_a_dialogue_that_waits_for_a_driver_is_found()
    {
        var time = new MovedTime();
        var (store, id) = (new MemoryJournal(time), Guid.CreateVersion7());
        await using (var first = await Start(store: new OpenJournal(store)))
        {
            var (session, _) = await first.Open();
            var (ann, person) = (new Seat("ann", 1_000_000), new Seat(null, 0));
            for (var others = 0; others < 501; others++) await Begun(Guid.CreateVersion7(), person, ann);
            await Begun(id, ann, person);

            async Task Begun(Guid watch, params IReadOnlyList<Seat> seats)
            {
                var begin = new WatchCommand.Begin("agent-1", session.Id, new(seats, 1), Personal.Of(new WatchBrief("Tea?", [new("One", ""), new("Two", "")])));
                Assert.Null((await first.Models.Api.Services.GetRequiredService<IEntities>().In(Tenant.Default).Watch(OwnedIds.Of(watch, "ann")).Send(begin, new(Guid.CreateVersion7()), CancellationToken.None)).Rejection);
            }
        }

        time.Move(Gone);
        await using var second = await Start(store: new OpenJournal(store), isNew: false, ownTime: time);
        var (_, client) = await second.Open();

        Assert.Equal(Said, Text(Assert.Single(Turns(await Until(client, id.ToString("D"), "ended"))), "text"));
        Assert.Equal(1, second.Models.Upstream.Requests);
    }

    [Fact]
    public async Task A_turn_that_is_ten_minutes_away_is_left_and_taken_when_they_are_over()
    {
        var time = new MovedTime();
        await using var world = await Start(ownTime: time);
        var (_, client) = await world.Open();
        var id = await Begin(client, Plan(turns: 2, more: ""","pace_seconds":600"""));
        await Until(client, id, static watch => watch.GetProperty("seen").GetProperty("turn").GetInt32() == 2); // the first is over

        time.Move(TimeSpan.FromMinutes(10) + Gone);

        Assert.Equal(2, Turns(await Until(client, id, "ended")).Count);
        Assert.Equal(2, world.Models.Upstream.Requests);
    }

    [Theory]
    [InlineData(typeof(WatchCommand.BeginTurn), false, 1)]
    [InlineData(typeof(WatchCommand.BeginTurn), true, 2)]
    [InlineData(typeof(RunCommand.RunService), true, 2)]
    [InlineData(typeof(ResponseCommand.Begin), false, 2)]
    public async Task Where_the_store_is_away_while_a_turn_is_begun_its_model_is_called_once_when_it_is_back(Type command, bool isWritten, int attempts)
    {
        var (time, away) = (new MovedTime(), new Away(sent => sent.GetType() == command, isWritten, times: 1));
        await using var world = await Start(ownTime: time, edge: away.Edge);
        var (session, client) = await world.Open();

        var id = await Begin(client, Plan(turns: 1));
        await away.Reached;
        Assert.Equal((0, 0), (await world.Models.SpentInTheEnd(session), world.Models.Upstream.Requests));
        time.Move(Gone);

        var watch = await Until(client, id, "ended");
        var turn = Assert.Single(Turns(watch));
        Assert.Equal((attempts, "said", Said, 1), (turn.GetProperty("attempts").GetInt32(), Text(turn, "state"), Text(turn, "text"), world.Models.Upstream.Requests));
        var truth = await world.Truth();
        Assert.Equal((truth, truth), (Cost(watch), await world.Models.SpentInTheEnd(session)));
        await world.Models.NothingIsHeld(session);
    }

    [Fact]
    public async Task Where_the_store_is_away_when_a_turn_has_ended_its_own_driver_tells_that_when_it_is_back()
    {
        var drivers = new ConcurrentQueue<Guid>();
        var away = new Away(sent => sent is WatchCommand.EndTurn, isWritten: false, times: 3);
        await using var world = await Start(edge: inner => away.Edge(new HeldEntities(inner) { Until = Drives }));
        var (session, client) = await world.Open();

        var watch = await Until(client, await Begin(client, Plan(turns: 2)), "ended");

        Assert.Equal([1, 1], Turns(watch).Select(static turn => turn.GetProperty("attempts").GetInt32()));
        Assert.Equal(2, world.Models.Upstream.Requests);
        Assert.Single(drivers.Distinct());
        Assert.Equal(await world.Truth(), await world.Models.SpentInTheEnd(session));

        Task? Drives(object sent)
        {
            if (sent is WatchCommand.BeginTurn { Driver: var begins })
            {
                drivers.Enqueue(begins);
            }
            else if (sent is WatchCommand.EndTurn { Driver: var ends })
            {
                drivers.Enqueue(ends);
            }

            return null;
        }
    }

    [Fact]
    public async Task Whoever_resumes_it_while_its_driver_is_about_to_leave_has_it_go_on_at_once()
    {
        var isLeaving = false;
        await using var late = new HeldCommand(sent => isLeaving && sent is WatchCommand.Get);
        await using var world = await Start(new() { Reply = Reply.OfTokens(150), Delivery = new() { ChunkCharacters = 4, Pause = TimeSpan.FromMilliseconds(20) } }, edge: late.EdgeOfAnswers);
        var (_, client) = await world.Open();
        var id = await Begin(client, Plan(turns: 2));
        await Speaks(client, id);
        await Done(client, id, "\"kind\":\"pause\"");
        isLeaving = true;

        await late.Reached;
        await Until(client, id, "paused");
        await Done(client, id, "\"kind\":\"resume\"");
        late.Release();

        await Until(client, id, "ended", TimeSpan.FromSeconds(20)); // the look for abandoned dialogues comes later
        Assert.Equal(2, world.Models.Upstream.Requests);
    }

    /// <summary>The store is away for the first commands of a kind, as far as whoever sends them knows.</summary>
    /// <param name="isWritten">It was there for each, and only that is not known.</param>
    private sealed class Away(Func<object, bool> isIt, bool isWritten, int times)
    {
        private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _times;

        public Task Reached => _reached.Task.WaitAsync(Hang.Timeout);

        public IEntities Edge(IEntities inner) => new On(inner, this);

        private sealed class On(IEntities inner, Away away) : IEntities
        {
            public EntityRef<TCommand> Of<TCommand>(StreamId stream)
                where TCommand : class => new(stream, Send<TCommand>);

            private async Task<Envelope> Send<TCommand>(StreamId stream, Envelope envelope, CancellationToken cancel)
                where TCommand : class => away.IsFor(envelope.Body) ? throw await away.Failure(() => inner.Pass<TCommand>(stream, envelope, cancel)) : await inner.Pass<TCommand>(stream, envelope, cancel);
        }

        private bool IsFor(object command) => isIt(command) && Interlocked.Increment(ref _times) <= times;

        private async Task<OperatingException> Failure(Func<Task> write)
        {
            if (isWritten)
            {
                await write();
            }

            _reached.TrySetResult();
            return new(new(FailureKind.Unavailable));
        }
    }
}
