using Agora.Models;
using Agora.Outbound;

namespace Agora.Providers;

/// <summary>Sound as it comes. Not thread-safe.</summary>
public sealed class ProviderSound : IDisposable
{
    private readonly StreamedAnswer _answer;
    private readonly TimeProvider _time;
    private long _read;

    internal ProviderSound(StreamedAnswer answer, TimeProvider time) => (_answer, _time) = (answer, time);

    /// <summary>Why it was cut off; null: it was not.</summary>
    public ProviderFault? Cut { get; private set; }

    /// <returns>How many bytes came; 0: no more do.</returns>
    /// <exception cref="OperationCanceledException">The caller cancelled.</exception>
    public async ValueTask<int> Read(Memory<byte> into, CancellationToken cancellation)
    {
        using var silence = new CancellationTokenSource(ProviderLimits.Silence, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(silence.Token, cancellation);
        try
        {
            var read = await _answer.Read(into, either.Token);
            _read += read;
            if (_read <= ModelLimits.StreamBytes) return read;

            Cut = new(FaultKind.Failed, "The provider's sound does not end.");
        }
        catch (IOException)
        {
            Cut = new(FaultKind.Failed, "The provider's sound was cut off.");
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            Cut = new(FaultKind.Failed, "The provider's sound fell silent.");
        }

        return 0;
    }

    public void Dispose() => _answer.Dispose();
}
