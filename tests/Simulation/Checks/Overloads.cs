using Agora.Core.Kernel;

namespace Agora.Simulation.Checks;

/// <summary>
/// What was answered overloaded was not decided. A command counts that was answered so each time it reached a process: one that arrives once more, sent again or
/// as a message that was duplicated or late, may well be decided then.
/// </summary>
public sealed class Overloads(History history, Findings findings) : IChecker
{
    private readonly Dictionary<Guid, int> _arrived = [];
    private readonly Dictionary<Guid, int> _refused = [];

    public int Count { get; private set; }

    public void Arrived(Guid command) => _arrived[command] = _arrived.GetValueOrDefault(command) + 1;

    public void Refused(StreamId stream, Guid command)
    {
        Count++;
        _refused[command] = _refused.GetValueOrDefault(command) + 1;
        history.CatchUp();
        Expect(command, history.Count<object>(stream, (_, c) => c.CommandId == command) == 0, stream);
    }

    public void Happened(Committed committed) => Expect(committed.CommandId, holds: false, committed.Stream);

    private void Expect(Guid command, bool holds, StreamId stream) => findings.Expect(
        holds || !_refused.TryGetValue(command, out var refused) || refused < _arrived.GetValueOrDefault(command), $"Command {command} was answered overloaded, and is decided at {stream}.");
}
