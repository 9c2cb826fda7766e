using Agora.Contracts;
using Agora.Core.Kernel;
using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Concurrency;
using Orleans.Runtime;

namespace Agora.Grains.Kernel;

/// <summary>The shell by which Orleans keeps an activation of an entity. A key that is not the name of a stream of its kind is refused with ArgumentException, and nothing is read or written.</summary>
[Reentrant, GrainFeatures]
public abstract class EntityGrain : Grain, IEntityGrain
{
    // Without room no message may reach the activation: the caller check refuses it, or it has expired. Many such activations would fill the memory until they count as idle.
    private static readonly TimeSpan LeavesWithoutRoomAfter = TimeSpan.FromSeconds(1);

    private readonly EntityActivation _activation;
    private readonly Residents? _residents;
    private Resident? _resident;

    protected EntityGrain(Entity entity, EntityPorts ports) : this(engine => engine.Stream.Kind == entity.Kind ? EntityActivations.Of(entity, ports, engine) : new Misplaced(engine, entity))
    {
    }

    protected EntityGrain(Func<IActivationHost, EntityActivation> create)
    {
        var engine = new Engine(this);
        _residents = ServiceProvider.GetService<Residents>();
        _activation = _residents?.HasRoom() == false ? new NoRoom(engine) : create(engine);
    }

    public Task<Envelope> Send(Envelope envelope)
    {
        _resident?.Began();
        var reply = _resident is { } resident ? new Owed(envelope, resident) : new TaskReply(envelope);
        _activation.Receive(envelope, reply);
        return reply.Task;
    }

    /// <summary>A method of the grain's own: the command is decided as one that comes by <see cref="Send"/>. <paramref name="cancel"/> ends the wait, not the decision.</summary>
    /// <exception cref="ArgumentException">The envelope has another command in it.</exception>
    protected async Task<Answer<TReply>> Decide<TCommand, TReply>(CommandEnvelope<TCommand> command, CancellationToken cancel)
        where TCommand : class
        where TReply : class => command.Envelope.Body is TCommand
            ? new(await Send(command.Envelope).WaitAsync(cancel))
            : throw new ArgumentException($"The envelope has a {command.Envelope.Body.GetType().Name}, and the method takes a {typeof(TCommand).Name}.", nameof(command));

    public sealed override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        // Orleans begins this under a lock that every message to this grain takes. Two entities whose streams were at hand, and that ask each other as they come to life, would wait for each other's for ever.
        await Task.Yield();
        await _activation.Begin(cancellationToken);
        if (_activation is NoRoom)
        {
            this.RegisterGrainTimer(
                static (grain, _) =>
                {
                    grain.Leave();
                    return Task.CompletedTask;
                },
                this,
                new GrainTimerCreationOptions(LeavesWithoutRoomAfter, Timeout.InfiniteTimeSpan));
            return;
        }

        _resident = _residents?.Add(this);
    }

    public sealed override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        _residents?.Remove(this);
        return _activation.End();
    }

    /// <inheritdoc cref="EntityActivation.Settle"/>
    internal Task<bool> Settle(bool isLast)
    {
        var settling = new Settling(_activation, isLast);
        ((IGrainBase)this).GrainContext.Scheduler.QueueAction(static settling => _ = ((Settling)settling!).Run(), settling);
        return settling.Task;
    }

    /// <summary>Its activation has ended.</summary>
    internal bool IsGone => ((IGrainBase)this).GrainContext.GrainInstance is null;

    /// <summary>From any thread, and also when it has left already: Grain.DeactivateOnIdle would throw then.</summary>
    internal void Leave() => ((IGrainBase)this).GrainContext.Deactivate(new(DeactivationReasonCode.ApplicationRequested, "The entity leaves."));

    /// <summary>The entity is not put away until it has answered.</summary>
    private sealed class Owed(Envelope request, Resident resident) : TaskReply(request)
    {
        protected override void Ended() => resident.Ended();
    }

    /// <summary>In a turn of the activation.</summary>
    private sealed class Settling(EntityActivation activation, bool isLast) : TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public async Task Run()
        {
            try
            {
                SetResult(await activation.Settle(isLast));
            }
            catch (Exception broken)
            {
                SetException(broken);
            }
        }
    }

    private sealed class Misplaced(IActivationHost engine, Entity entity) : EntityActivation
    {
        public override void Receive(Envelope envelope, IReply reply)
        {
            engine.Leave();
            reply.Failed(new ArgumentException($"The key '{engine.Stream}' is not the name of a stream of the kind '{entity.Kind}'."));
        }
    }

    private sealed class NoRoom(IActivationHost engine) : EntityActivation
    {
        public override void Receive(Envelope envelope, IReply reply)
        {
            engine.Leave();
            reply.Answered(new OperatingFailure(FailureKind.Unavailable, RetryAfterSeconds: 2));
        }
    }

    private sealed class Engine(EntityGrain grain) : IActivationHost
    {
        private readonly IWorkItemScheduler _turns = ((IGrainBase)grain).GrainContext.Scheduler;

        public StreamId Stream { get; } = StreamId.Find(grain.GetPrimaryKeyString()) ?? new("", "", grain.GetPrimaryKeyString());

        public void Post(ITurn turn) => _turns.QueueAction(static turn => ((ITurn)turn!).Turn(), turn);

        public void Leave() => grain.Leave();
    }
}
