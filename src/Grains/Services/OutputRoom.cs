using Agora.Core.Kernel;
using Agora.Grains.Kernel;

namespace Agora.Grains.Services;

/// <summary>
/// Room in memory for one output, from when more than a little of it is read until its run is stored. A service's answer waits for it on its connection, within the time of its call: an output is never thrown away for want of room while there
/// is time left.
/// </summary>
internal sealed class OutputRoom(FairPlaces bytes, PlaceOwner owner) : IDisposable
{
    private FairPlaces.Place? _held;
    private int _most;

    /// <summary>At most one attempt of a call is under way, and it never holds some bytes while it waits for more: it gives back first.</summary>
    public async Task Enter(int most, CancellationToken cancel)
    {
        if (_held is not null && most <= _most) return;

        _held?.Dispose();
        (_held, _most) = (await bytes.Wait(owner, cancel, most), most);
    }

    /// <returns>What holds the room of so many bytes from now on; null: they are few.</returns>
    public IDisposable? Keep(int length)
    {
        var held = _held;
        if (held is null || length <= Limits.SmallReplyBytes) return null;

        held.ShrinkTo(length);
        _held = null;
        return held;
    }

    public void Dispose() => _held?.Dispose();
}
