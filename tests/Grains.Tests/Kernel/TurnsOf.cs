using Agora.Contracts;
using Agora.Core.Kernel;

namespace Agora.Grains.Tests.Kernel;

/// <summary>A host without an engine: its turns are tasks of the test's scheduler.</summary>
/// <param name="left">Called when the activation asks to end.</param>
internal sealed class TurnsOf(StreamId stream, TaskScheduler scheduler, Action? left = null) : IActivationHost
{
    public StreamId Stream => stream;

    public void Post(ITurn turn) => Task.Factory.StartNew(turn.Turn, CancellationToken.None, TaskCreationOptions.DenyChildAttach, scheduler);

    public void Leave() => left?.Invoke();
}
