using Agora.Models;
using Agora.Models.Wires;
using Agora.Outbound;

namespace Agora.Providers;

/// <summary>A reply as it comes. Not thread-safe.</summary>
public sealed class ProviderStream : IDisposable
{
    private static readonly ProviderFault Unreadable = new(FaultKind.Failed, "The provider's stream could not be read.");

    private readonly StreamedAnswer _answer;
    private readonly IWireStream _wire;
    private readonly EventReader _events;
    private readonly long _mostSaid;
    private readonly Func<ProviderFault, ProviderFault> _withoutKeys;
    private readonly TimeProvider _time;
    private readonly List<ReadOnlyMemory<byte>> _data = [];
    private readonly List<ModelEvent> _counts = [];
    private bool _isCut;
    private bool _hasEnded;
    private long _said;

    internal ProviderStream(StreamedAnswer answer, IWireStream wire, long mostSaid, Func<ProviderFault, ProviderFault> withoutKeys, TimeProvider time) =>
        (_answer, _wire, _events, _mostSaid, _withoutKeys, _time) = (answer, wire, answer.Events(ModelLimits.ReplyBytes), mostSaid, withoutKeys, time);

    public ReplyBuilder Reply { get; } = new();

    /// <summary>Why it was cut off; null: it was not.</summary>
    public ProviderFault? Cut { get; private set; }

    /// <summary>The provider has said why it ended, or that it failed, and with it or behind it how much it was: that is all of what it cost.</summary>
    public bool IsCounted { get; private set; }

    /// <summary>The bytes of memory that the reply takes so far.</summary>
    public long SaidBytes => sizeof(char) * _said;

    /// <param name="into">What was said since the last time, in order, is put here in place of what is there.</param>
    /// <returns>False: nothing more comes.</returns>
    /// <exception cref="OperationCanceledException">The caller cancelled.</exception>
    public async ValueTask<bool> Read(List<ModelEvent> into, CancellationToken cancellation)
    {
        into.Clear();
        _data.Clear();
        using var silence = new CancellationTokenSource(_wire.IsOver ? ProviderLimits.UsageWait : ProviderLimits.Silence, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(silence.Token, cancellation);
        try
        {
            var goesOn = await _events.Read(_data, either.Token);
            if (_events.BytesRead > ModelLimits.StreamBytes) throw new InvalidDataException("The provider's stream does not end.");

            foreach (var data in _data)
            {
                Read(data, into);
            }

            if (_said > _mostSaid) throw new InvalidDataException("The provider sent more than its tokens can be.");
            if (goesOn && (!_wire.IsOver || _wire.AwaitsUsage)) return true;
            if (!_wire.IsOver && !IsCounted)
            {
                Cut ??= new(FaultKind.Failed, "The provider's stream ended before its end.");
            }
        }
        catch (ContentCodingException)
        {
            Cut = Unreadable;
        }
        catch (IOException)
        {
            Cut = IsCounted || _isCut || _wire.IsOver ? Cut : new(FaultKind.Failed, "The provider's stream was cut off.");
        }
        catch (InvalidDataException)
        {
            Cut = Unreadable;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            Cut = _wire.IsOver ? Cut : new(FaultKind.Failed, "The provider's stream fell silent.");
        }

        return false;
    }

    public void Dispose() => _answer.Dispose();

    /// <summary>Shows and keeps nothing that follows. The stream is still read to its end, because its usage comes last and the provider's count is what is paid.</summary>
    public void CutOff(ProviderFault why) => (_isCut, Cut) = (true, Cut ?? why);

    /// <summary>An event that cannot be read cuts the reply off (<see cref="CutOff"/>).</summary>
    private void Read(ReadOnlyMemory<byte> data, List<ModelEvent> into)
    {
        var from = into.Count;
        try
        {
            if (!_isCut)
            {
                _wire.Read(data, into);
                Heard(into, from);
                return;
            }
        }
        catch (InvalidDataException)
        {
            CutOff(Unreadable);
            into.RemoveRange(from, into.Count - from);
        }

        _wire.Count(data, _counts);
        foreach (var one in _counts.Where(static one => one is ModelEvent.Counted or ModelEvent.Tiered))
        {
            Reply.Add(one);
        }

        _hasEnded |= _counts.Exists(static one => one is ModelEvent.Ended);
        IsCounted |= _hasEnded && _counts.Exists(static one => one is ModelEvent.Counted);
        _counts.Clear();
    }

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
