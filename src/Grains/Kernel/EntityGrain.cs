using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Journal;
using Orleans;
using Orleans.Concurrency;

namespace Agora.Grains.Kernel;

/// <summary>The only writer of an entity's stream.</summary>
[Reentrant]
public abstract class EntityGrain : Grain, IEntityGrain, IReceiver
{
    public Task<Envelope> Send(Envelope envelope)
    {
        var reply = new TaskReply(envelope);
        Receive(envelope, reply);
        return reply.Task;
    }

    public abstract void Receive(Envelope envelope, IReply reply);

    public static EntityGrain Of(Entity entity, EntityPorts ports) => entity.Use(new Creation(ports));

    private sealed class Creation(EntityPorts ports) : IEntityUse<EntityGrain>
    {
        public EntityGrain Of<TState, TCommand, TEvent>(Entity<TState, TCommand, TEvent> entity)
            where TState : class
            where TCommand : class
            where TEvent : class => new EntityGrain<TState, TCommand, TEvent>(entity, ports);
    }
}

/// <summary>
/// The engine's side of an entity: one activation holds one EntityHost. A load that fails is answered as what it is, and the
/// next call finds a fresh activation.
/// </summary>
public class EntityGrain<TState, TCommand, TEvent>(Entity<TState, TCommand, TEvent> entity, EntityPorts ports) : EntityGrain
    where TState : class
    where TCommand : class
    where TEvent : class
{
    private static readonly TimeSpan ClosePatience = TimeSpan.FromSeconds(5);
    private EntityHost<TState, TCommand, TEvent>? _host;
    private OperatingFailure? _notLoaded;

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        var stream = StreamId.Parse(this.GetPrimaryKeyString());
        var host = new EntityHost<TState, TCommand, TEvent>(entity, stream, ports.ForActivation(stream), DeactivateOnIdle);
        try
        {
            await host.Load(cancellationToken);
            _host = host;
        }
        catch (Exception away) when (away is JournalUnavailableException or OperatingException)
        {
            _notLoaded = new(FailureKind.Unavailable, RetryAfterSeconds: 2);
        }
        catch (Exception broken) when (broken is not OperationCanceledException)
        {
            ports.Log.LoadBroke(stream.ToString(), broken);
            _notLoaded = new(FailureKind.Defect);
        }
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken) => _host?.Close(ClosePatience) ?? Task.CompletedTask;

    public override void Receive(Envelope envelope, IReply reply)
    {
        if (_host is { } host)
        {
            host.Receive(envelope, reply);
        }
        else
        {
            DeactivateOnIdle();
            reply.Answered(_notLoaded!);
        }
    }
}
