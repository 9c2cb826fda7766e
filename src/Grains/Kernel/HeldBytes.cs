using Agora.Core.Kernel;

namespace Agora.Grains.Kernel;

/// <summary>
/// Bytes that callers make this process hold, of all kinds together: bodies that are read, requests to models, outputs that are not stored yet, replies that are not read yet. Each kind has bounds of its own besides.
/// </summary>
public static class HeldBytes
{
    public static readonly FairPlaces Places = new(AtMost(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes));

    /// <summary>Of a byte that is counted there are several more: it is parsed, copied and written.</summary>
    /// <param name="heapBytes">As much memory as the collector may use.</param>
    public static long AtMost(long heapBytes) => Math.Min(heapBytes / 8, Limits.HeldBytesOfAll);
}
