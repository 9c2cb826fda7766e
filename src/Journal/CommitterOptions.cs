namespace Agora.Journal;

/// <summary>Bounds of a <see cref="GroupCommitter"/>.</summary>
public sealed record CommitterOptions
{
    /// <summary>1 for one writer (SQLite, Memory). A database over a network wants 2: one batch travels while the other is synced.</summary>
    public int MaxBatchesInFlight { get; init; } = 1;

    /// <summary>A commit's sync is shared by so many rows that more would only add latency.</summary>
    public int MaxRowsPerBatch { get; init; } = 1024;

    /// <summary>Bounds what one transaction writes, hence the longest wait of whoever comes next.</summary>
    public int MaxBytesPerBatch { get; init; } = 8 << 20;

    /// <summary>A row is read and verified whole.</summary>
    public int MaxEntriesPerRow { get; init; } = 512;

    /// <summary>One entry may be larger (a body is ≤ 256 KiB, an output ≤ 1 MiB): it then has a row of its own.</summary>
    public int MaxBytesPerRow { get; init; } = 1 << 20;

    /// <summary>Above it new commands are refused; what rides is not counted: about half a second of writing at 30,000 entries/s, well within a caller's patience.</summary>
    public int SoftEntries { get; init; } = 16_384;

    public long SoftBytes { get; init; } = 64 << 20;

    /// <summary>Above it entries are refused too, which ends activations: room for what admitted commands still have to post, void and close.</summary>
    public int HardEntries { get; init; } = 131_072;

    public long HardBytes { get; init; } = 256 << 20;

    /// <summary>What rides leaves at the multiples of this, all streams together: rows that nobody waits for share transactions, and these the pages that they write.</summary>
    public TimeSpan RidesTogether { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>So many streams' rides may leave at one of these moments in any case. Of more some leave earlier, so that no more leave than twice the mean: a quarter of a batch, so it is filled by four.</summary>
    public int FewTogether { get; init; } = 256;

    /// <summary>Waits before an idle committer's first batch, to let it fill. Zero: a commit's own time fills the next batch.</summary>
    public TimeSpan Linger { get; init; } = TimeSpan.Zero;

    /// <summary>Pause before a batch of unknown fate is sent again; doubled up to <see cref="MaxPause"/>.</summary>
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromMilliseconds(20);

    /// <summary>Streams of an unknown batch stall; the store should learn of its recovery within a second.</summary>
    public TimeSpan MaxPause { get; init; } = TimeSpan.FromSeconds(1);
}
