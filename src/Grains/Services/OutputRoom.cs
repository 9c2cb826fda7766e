using Agora.Grains.Kernel;
using Agora.Outbound;

namespace Agora.Grains.Services;

/// <summary>
/// Room in memory for one output: from the moment when more than <see cref="OutboundLimits.SmallResponseBytes"/> of it are read until its run is stored. The service's answer waits for the room on its connection, within the time of its call, so no output is
/// lost for lack of room while there is time left.
/// </summary>
internal sealed class OutputRoom(FairPlaces bytes, PlaceOwner owner) : IDisposable
{
    private FairPlaces.Place? _held;
    private int _most;

    /// <summary>As <see cref="TakeRoom"/>. Not thread-safe: a call has one attempt at a time. A larger attempt first gives back what it holds, so calls that wait for each other's bytes do not block each other.</summary>
    public async Task Enter(int most, CancellationToken cancel)
    {
        if (_held is not null && most <= _most) return;

        _held?.Dispose();
        (_held, _most) = (await bytes.Wait(owner, cancel, most), most);
    }

    /// <summary>Passes the room on to the output, as far as the output needs it.</summary>
    /// <returns>Dispose it when the run is stored. Null if the output is small.</returns>
    public IDisposable? Keep(int length)
    {
        var held = _held;
        if (held is null || length <= OutboundLimits.SmallResponseBytes) return null;

        held.ShrinkTo(length);
        _held = null;
        return held;
    }

    public void Dispose() => _held?.Dispose();
}
