using Agora.Contracts;
using Agora.Core;
using Agora.Core.Kernel;

namespace Agora.Api.Tests.Support;

public sealed class SiloWorldTests
{
    private static readonly StreamId Stream = Tenant.Default.User("user-1");

    /// <summary>Orleans starts an activation under a lock that each message to it takes. Two entities that ask each other as they come to life, as after a crash, would wait for each other for ever.</summary>
    [Fact]
    public async Task A_message_to_an_entity_that_is_coming_to_life_does_not_hold_up_its_sender()
    {
        using var release = new ManualResetEventSlim();
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var world = new SiloWorld(await SiloWorld.Silo, TimeProvider.System, (_, _) => new Beginning(begun, release));
        Task<Envelope>? second = null;

        var first = Task.Run(() => world.Send(Stream, Ask()));
        await begun.Task.WaitAsync(Hang.Timeout);
        var sending = Task.Run(() => { second = world.Send(Stream, Ask()); });
        var wasSent = await Task.WhenAny(sending, first) == sending; // the first message times out where the second one waits for the lock
        release.Set();

        Assert.True(wasSent, "It was not sent before the entity had come to life.");
        Assert.Equal(("answered", "answered"), ((await first).Body, (await second!).Body));
        await world.DrainAsync();
    }

    [Fact]
    public async Task A_message_to_a_world_that_has_ended_brings_nothing_to_life()
    {
        var world = new SiloWorld(await SiloWorld.Silo, TimeProvider.System, (_, _) => throw new InvalidOperationException("An entity came to life."));
        await world.DrainAsync();

        var refused = await Assert.ThrowsAnyAsync<Exception>(() => world.Send(Stream, Ask()));

        Assert.Contains("has ended", refused.ToString(), StringComparison.Ordinal);
    }

    private static Envelope Ask() => new(Guid.CreateVersion7(), null, "asked");

    private sealed class Beginning(TaskCompletionSource begun, ManualResetEventSlim release) : EntityActivation
    {
        public override Task Begin(CancellationToken cancel)
        {
            begun.SetResult();
            release.Wait(cancel);
            return Task.CompletedTask;
        }

        public override void Receive(Envelope envelope, IReply reply) => reply.Answered("answered");
    }
}
