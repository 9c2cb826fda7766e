using System.Buffers;
using Agora.Api.Tests.Support;
using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Grains.Kernel;
using Agora.Journal.Memory;
using Agora.Models;
using Agora.Models.Wires;
using Agora.ScriptedModels;

namespace Agora.Api.Tests.Models;

/// <summary>Where it is we who fail in the middle of a call, its hold ends all the same, and what may have cost is paid.</summary>
public sealed class DefectTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_defect_behind_the_sending_posts_the_bound(bool stream)
    {
        using var isHeadRead = new ManualResetEventSlim(!stream); // a stream is cut off, and its head may go with the connection
        await using var world = await ModelWorld.Start(wired: wire => new Broken(wire, isHeadRead));
        await world.PutModel("m", "openai");
        var session = await world.Open();

        using var told = await world.Door.Begin(session, "chat", ModelDoorClient.Body("chat", "m", stream: stream));
        isHeadRead.Set();

        var held = ModelWorld.Micros(told.Headers.GetValues("Agora-Held-Cents").Single());
        Assert.Equal((held, 1), (await world.SpentInTheEnd(session), world.Upstream.Requests));
        Assert.True((await world.Concluded(session, Guid.Parse(told.Headers.GetValues("Agora-Run-Id").Single()))).Model!.IsEstimate);
        await world.NothingIsHeld(session);
    }

    [Fact]
    public async Task Where_the_answer_to_its_hold_is_lost_nobody_is_called_and_the_hold_is_given_back_at_once()
    {
        var store = new HookedJournal(new MemoryJournal(TimeProvider.System));
        await using var world = await ModelWorld.Start(store: store);
        await world.PutModel("m", "openai");
        var session = await world.Open();
        (await world.Door.Ask(session, "chat", ModelDoorClient.Body("chat", "m"))).Expect(200);
        var before = await world.Budget(session);
        var broken = 0;
        store.Behind = () => Interlocked.Increment(ref broken) == 1 ? throw new InvalidOperationException("The row is there, and nobody is told.") : Task.CompletedTask;

        Assert.Equal(500, (await world.Door.Ask(session, "chat", ModelDoorClient.Body("chat", "m"))).Status);

        Assert.Equal(before.Spent, await world.SpentInTheEnd(session));
        await world.NothingIsHeld(session);
        Assert.Equal(1, world.Upstream.Requests);
        Assert.True(broken > 1, "Nothing was held, so nothing was given back.");
    }

    /// <summary>As where the clock of a tenant for tests is advanced while the session is told.</summary>
    [Fact]
    public async Task An_end_that_comes_too_late_to_be_known_is_told_anew_and_posts_what_was_counted()
    {
        Late late = null!;
        await using var world = await ModelWorld.Start(edge: entities => late = new(entities));
        await world.PutModel("m", "openai");
        var session = await world.Open();

        var told = (await world.Door.Ask(session, "chat", ModelDoorClient.Body("chat", "m"))).Expect(200);

        Assert.Equal((true, ModelWorld.Cost((await world.Truth("m")).Counts)), (late.WasLate, await world.SpentInTheEnd(session)));
        Assert.False((await world.Concluded(session, told.Run)).Model!.IsEstimate);
    }

    /// <summary>As where the process stood still for so long that its session gave it up.</summary>
    [Fact]
    public async Task Where_the_session_has_posted_a_call_that_was_not_sent_nobody_else_is_called()
    {
        await using var world = await ModelWorld.Start(new() { Faults = [new FaultRule(new Fault.Status(503)) { When = static asked => asked.Model == "broken" }] }, edge: static entities => new GivenUp(entities));
        await world.PutModel("good", "openai");
        await world.PutModel("broken", "openai", more: ",\"fallback\":[\"good\"]");
        var session = await world.Open();
        using var chat = new Chats.ChatClient(world, session);

        (await world.Door.Ask(session, "chat", ModelDoorClient.Body("chat", "broken"))).Expect(503);
        Assert.Equal("failed", (await chat.Say("""{"model":"broken","text":"Hello."}""")).End);

        await world.Upstream.Idle();
        Assert.DoesNotContain(world.Upstream.Truths, static truth => truth.Model == "good");
        await world.NothingIsHeld(session);
    }

    [Fact]
    public async Task An_equal_request_has_a_reply_only_when_what_it_cost_is_durable()
    {
        var store = new HookedJournal(new MemoryJournal(TimeProvider.System));
        var (gate, reached) = (new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        await using var world = await ModelWorld.Start(
            new()
            {
                Choose = _ =>
                {
                    store.Before = () =>
                    {
                        reached.TrySetResult();
                        return gate.Task;
                    };
                    return new Reply();
                },
            },
            store: store);
        await world.PutModel("m", "openai", more: ",\"cache_seconds\":600");
        var (one, other) = (await world.Open(user: "ann"), await world.Open(user: "ann"));

        var first = world.Door.Ask(one, "chat", ModelDoorClient.Body("chat", "m"), cache: "max-age=600");
        await reached.Task;
        await Task.Delay(300);
        var rows = await Rows(store);
        gate.SetResult();
        Assert.Equal(1, rows); // the claim
        (await first).Expect(200);

        Assert.Equal(2, await Rows(store));
        Assert.Equal("Agora; hit", (await world.Door.Ask(other, "chat", ModelDoorClient.Body("chat", "m"), cache: "max-age=600")).Expect(200).Header("Cache-Status"));
    }

    /// <summary>Of the one reply that is kept for equal requests, or to be kept.</summary>
    private static async Task<int> Rows(HookedJournal store) =>
        (await store.Read(Assert.Single(await store.Streams("default/cached/", null, 100, CancellationToken.None)), 0, 100, CancellationToken.None)).Count;

    /// <summary>The first end of a call does not come to its session.</summary>
    private sealed class Late(IEntities inner) : IEntities
    {
        public bool WasLate { get; private set; }

        public EntityRef<TCommand> Of<TCommand>(StreamId stream)
            where TCommand : class => new(stream, async (_, envelope, cancel) =>
            {
                if (envelope.Body is RunCommand.EndCall && !WasLate)
                {
                    WasLate = true;
                    return envelope.Answered(Answer.No(KeyRejection.Stale));
                }

                return await inner.Pass<TCommand>(stream, envelope, cancel);
            });
    }

    /// <summary>Before it is told that nothing was sent, a session has posted what it held, for it had heard nothing.</summary>
    private sealed class GivenUp(IEntities inner) : IEntities
    {
        public EntityRef<TCommand> Of<TCommand>(StreamId stream)
            where TCommand : class => new(stream, async (_, envelope, cancel) =>
            {
                if (envelope.Body is RunCommand.EndCall { End.Standing: CallStanding.Unsent } end)
                {
                    var unknown = end with { End = new(CallStanding.Unknown, 0, null, FailureCode: Codes.UpstreamTimeout, FailureMessage: "Given up.") };
                    await inner.Of<LeafCommand>(stream).Send(unknown, new(Guid.CreateVersion7()), cancel);
                }

                return await inner.Pass<TCommand>(stream, envelope, cancel);
            });
    }

    /// <summary>What it writes is read by a reader that is broken.</summary>
    private sealed class Broken(IWire wire, ManualResetEventSlim isHeadRead) : IWire
    {
        public string? Maker => wire.Maker;

        public IEmbeddingsWire? Embeddings => wire.Embeddings;

        public ISpeechWire? Speech => wire.Speech;

        public ICountingWire? Counting => wire.Counting;

        public string PathOf(string model, bool stream) => wire.PathOf(model, stream);

        public IReadOnlyList<(string Name, string Value)> HeadersFor(string key) => wire.HeadersFor(key);

        public void Write(ModelRequest request, string model, int maxOutputTokens, IBufferWriter<byte> into) => wire.Write(request, model, maxOutputTokens, into);

        public ModelReply Read(ReadOnlyMemory<byte> body) => throw new InvalidOperationException("A defect of the reader.");

        public IWireStream Stream() => new BrokenStream(isHeadRead);

        public ProviderFault ReadError(int status, ReadOnlyMemory<byte> body, int? retryAfter) => wire.ReadError(status, body, retryAfter);
    }

    private sealed class BrokenStream(ManualResetEventSlim isHeadRead) : IWireStream
    {
        public bool IsOver => false;

        public void Read(ReadOnlyMemory<byte> data, List<ModelEvent> into)
        {
            Assert.True(isHeadRead.Wait(Hang.Timeout));
            throw new InvalidOperationException("A defect of the reader.");
        }

        public void Count(ReadOnlyMemory<byte> data, List<ModelEvent> into) => throw new InvalidOperationException("A defect of the reader.");
    }
}
