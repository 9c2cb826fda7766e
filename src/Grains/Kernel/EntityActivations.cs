using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Journal;

namespace Agora.Grains.Kernel;

/// <summary>Makes what an engine keeps of an entity.</summary>
public static class EntityActivations
{
    public static EntityActivation Of(Entity entity, EntityPorts ports, IActivationHost engine) => entity.Use(new Creation(ports, engine));

    private sealed class Creation(EntityPorts ports, IActivationHost engine) : IEntityUse<EntityActivation>
    {
        public EntityActivation Of<TState, TCommand, TEvent>(Entity<TState, TCommand, TEvent> entity)
            where TState : class
            where TCommand : class
            where TEvent : class => new Activation<TState, TCommand, TEvent>(entity, ports, engine);
    }
}

/// <summary>
/// The only writer of an entity's stream: one activation holds one EntityHost. A load that fails is answered as what it is, and the
/// next message finds a fresh activation.
/// </summary>
public class Activation<TState, TCommand, TEvent>(Entity<TState, TCommand, TEvent> entity, EntityPorts ports, IActivationHost engine) : EntityActivation
    where TState : class
    where TCommand : class
    where TEvent : class
{
    private static readonly TimeSpan ClosePatience = TimeSpan.FromSeconds(5);
    private EntityHost<TState, TCommand, TEvent>? _host;
    private OperatingFailure? _notLoaded;

    public override async Task Begin(CancellationToken cancel)
    {
        var host = new EntityHost<TState, TCommand, TEvent>(entity, ports.ForActivation(engine.Stream), engine);
        try
        {
            await host.Load(cancel);
            _host = host;
        }
        catch (Exception away) when (away is JournalUnavailableException or OperatingException)
        {
            _notLoaded = new(FailureKind.Unavailable, RetryAfterSeconds: 2);
        }
        catch (Exception broken) when (broken is not OperationCanceledException)
        {
            ports.Log.LoadBroke(engine.Stream.ToString(), broken);
            _notLoaded = new(FailureKind.Defect);
        }
    }

    public override void Receive(Envelope envelope, IReply reply)
    {
        if (_host is { } host)
        {
            host.Receive(envelope, reply);
        }
        else
        {
            engine.Leave();
            reply.Answered(_notLoaded!);
        }
    }

    public override Task<bool> Settle(bool isLast) => _host?.Settle(isLast) ?? base.Settle(isLast);

    public override Task End() => _host?.Close(ClosePatience) ?? Task.CompletedTask;
}
