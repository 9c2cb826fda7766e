using Agora.Core.Kernel;

namespace Agora.Grains.Kernel;

/// <summary>
/// Bytes in memory that callers make this process hold, of all kinds together: bodies that are being read, requests to models, outputs that are not stored yet, replies that are not read yet. Each kind also has its own bounds.
/// </summary>
public static class HeldBytes
{
    public static readonly FairPlaces Places = new(AtMost(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes));

    /// <summary>An eighth of the heap, because each counted byte costs several more: it is parsed, copied and written.</summary>
    /// <param name="heapBytes">Memory that the garbage collector may use.</param>
    public static long AtMost(long heapBytes) => Math.Min(heapBytes / 8, Limits.HeldBytesOfAll);
}
