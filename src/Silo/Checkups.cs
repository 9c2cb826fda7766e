using Agora.Api.Admin.Checks;
using Agora.Grains.Payments;
using Agora.Hosting;

namespace Agora.Silo;

/// <summary>Whether the facilitator answers, and settles on our network. It is asked each half minute at most, however many want to know.</summary>
internal sealed class FacilitatorCheckup(X402Settings? x402, IFacilitator? facilitator, TimeProvider time) : ICheckup
{
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(30);

    private readonly Lock _gate = new();
    private Task<bool?>? _asked;
    private long _at;

    public string Name => "facilitator";

    public async Task<Checked> Look(CancellationToken cancel)
    {
        if (x402 is null || facilitator is null)
        {
            return new(Name, CheckState.Off, "Payments by x402 are not taken: AGORA_X402_FACILITATOR is not set.");
        }

        var (url, network) = (x402.Facilitator, x402.PaidOn);
        return await Ask(facilitator, network).WaitAsync(cancel) switch
        {
            true => new(Name, CheckState.Well, $"{url} answers, and settles on {network}."),
            false => new(Name, CheckState.Unwell, $"{url} does not settle on {network}.", "Set another AGORA_X402_FACILITATOR or AGORA_X402_NETWORK."),
            null => new(Name, CheckState.Unwell, $"{url} does not say what it supports.", "Look at it, at AGORA_X402_FACILITATOR_KEY, and at AGORA_OUTBOUND_ALLOW if its address is not public."),
        };
    }

    private Task<bool?> Ask(IFacilitator facilitator, string network)
    {
        lock (_gate)
        {
            if (_asked is { } asked && (!asked.IsCompleted || time.GetElapsedTime(_at) < Fresh)) return asked;

            _at = time.GetTimestamp();
            return _asked = facilitator.Supports(network, version: 2);
        }
    }
}

/// <summary>Room in the data directory: of the journal on SQLite, of keys in any case.</summary>
/// <param name="room">Bytes that are free where a path leads; null: as the system says.</param>
internal sealed class DiskCheckup(DataDirectory data, Func<string, long>? room = null) : ICheckup
{
    private const long Least = 1L << 30;

    public string Name => "disk";

    public Task<Checked> Look(CancellationToken cancel)
    {
        if (!Directory.Exists(data.Path))
        {
            return Task.FromResult(new Checked(Name, CheckState.Off, $"There is no data directory {data.Path}: nothing is kept on a disk here."));
        }

        var free = (room ?? (static path => new DriveInfo(path).AvailableFreeSpace))(Path.GetFullPath(data.Path));
        return Task.FromResult(free >= Least
            ? new Checked(Name, CheckState.Well, $"{free >> 30} GiB are free in {data.Path}.")
            : new(Name, CheckState.Unwell, $"{free >> 20} MiB are free in {data.Path}.", "Make room before it is full: a journal that cannot be written serves nobody."));
    }
}
