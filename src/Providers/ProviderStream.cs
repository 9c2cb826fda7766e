using Agora.Models;
using Agora.Models.Wires;
using Agora.Outbound;

namespace Agora.Providers;

/// <summary>A reply as it comes. Not thread-safe.</summary>
public sealed class ProviderStream : IDisposable
{
    private readonly StreamedAnswer _answer;
    private readonly IWireStream _wire;
    private readonly EventReader _events;
    private readonly long _mostSaid;
    private readonly Func<ProviderFault, ProviderFault> _withoutKeys;
    private readonly TimeProvider _time;
    private readonly List<ReadOnlyMemory<byte>> _data = [];
    private bool _hasEnded;
    private long _said;

    internal ProviderStream(StreamedAnswer answer, IWireStream wire, long mostSaid, Func<ProviderFault, ProviderFault> withoutKeys, TimeProvider time) =>
        (_answer, _wire, _events, _mostSaid, _withoutKeys, _time) = (answer, wire, answer.Events(ModelLimits.ReplyBytes), mostSaid, withoutKeys, time);

    public ReplyBuilder Reply { get; } = new();

    /// <summary>Why it was cut off; null: it was not.</summary>
    public ProviderFault? Cut { get; private set; }

    /// <summary>The provider has said why it ended, or that it failed, and with it or behind it how much it was: that is all of what it cost.</summary>
    public bool IsCounted { get; private set; }

    /// <param name="into">What was said since the last time, in order, is put here in place of what is there.</param>
    /// <returns>False: nothing more comes.</returns>
    /// <exception cref="OperationCanceledException">The caller cancelled.</exception>
    public async ValueTask<bool> Read(List<ModelEvent> into, CancellationToken cancellation)
    {
        into.Clear();
        _data.Clear();
        using var silence = new CancellationTokenSource(ProviderLimits.Silence, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(silence.Token, cancellation);
        try
        {
            var goesOn = await _events.Read(_data, either.Token);
            if (_events.BytesRead > ModelLimits.StreamBytes) throw new InvalidDataException("The provider's stream does not end.");

            foreach (var data in _data)
            {
                var from = into.Count;
                _wire.Read(data, into);
                Heard(into, from);
            }

            if (goesOn && !_wire.IsOver) return true;
            if (!_wire.IsOver && !IsCounted)
            {
                Cut ??= new(FaultKind.Failed, "The provider's stream ended before its end.");
            }
        }
        catch (IOException)
        {
            Cut = IsCounted ? Cut : new(FaultKind.Failed, "The provider's stream was cut off.");
        }
        catch (InvalidDataException)
        {
            Cut = new(FaultKind.Failed, "The provider's stream could not be read.");
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            Cut = new(FaultKind.Failed, "The provider's stream fell silent.");
        }

        return false;
    }

    public void Dispose() => _answer.Dispose();

    private void Heard(List<ModelEvent> into, int from)
    {
        var counts = false;
        for (var i = from; i < into.Count; i++)
        {
            if (into[i] is ModelEvent.Failed failed)
            {
                Cut = _withoutKeys(failed.Fault);
                into[i] = new ModelEvent.Failed(Cut);
            }

            Reply.Add(into[i]);
            _said += LengthOf(into[i]);
            counts |= into[i] is ModelEvent.Counted;
            _hasEnded |= into[i] is ModelEvent.Ended or ModelEvent.Failed;
        }

        IsCounted |= _hasEnded && counts;
        if (_said > _mostSaid) throw new InvalidDataException("The provider sent more than its tokens can be.");
    }

    private static int LengthOf(ModelEvent said) => said switch
    {
        ModelEvent.TextAdded e => e.Text.Length,
        ModelEvent.RefusalAdded e => e.Text.Length,
        ModelEvent.ArgumentsAdded e => e.Text.Length,
        ModelEvent.ReasoningAdded e => e.Text.Length,
        ModelEvent.SummaryAdded e => e.Text.Length,
        _ => 0,
    };
}
