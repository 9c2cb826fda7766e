using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Journal;
using Orleans;
using Orleans.Concurrency;

namespace Agora.Grains.Kernel;

/// <summary>
/// The engine's side of an entity: one activation holds one EntityHost. A load that fails is answered as what it is, and the
/// next call finds a fresh activation.
/// </summary>
[Reentrant]
public abstract class EntityGrain<TDecider, TState, TCommand, TEvent>(EntityPorts ports) : Grain, IEntityGrain
    where TDecider : IDecider<TState, TCommand, TEvent>
    where TState : class
    where TCommand : class
    where TEvent : class
{
    private static readonly TimeSpan ClosePatience = TimeSpan.FromSeconds(5);
    private EntityHost<TDecider, TState, TCommand, TEvent>? _host;
    private OperatingFailure? _notLoaded;

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        var stream = StreamId.Parse(this.GetPrimaryKeyString());
        var host = new EntityHost<TDecider, TState, TCommand, TEvent>(stream, ports.ForActivation(), DeactivateOnIdle);
        try
        {
            await host.Load(cancellationToken);
            _host = host;
        }
        catch (JournalUnavailableException)
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

    public Task<Envelope> Send(Envelope envelope)
    {
        if (_host is { } host)
        {
            return host.Send(envelope);
        }

        DeactivateOnIdle();
        return Task.FromResult(new Envelope(envelope.CommandId, envelope.Trace, _notLoaded!));
    }
}
