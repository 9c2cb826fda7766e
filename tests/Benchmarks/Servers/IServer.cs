namespace Agora.Benchmarks.Servers;

/// <summary>What a load asks: one process, or several that serve alike.</summary>
internal interface IServer
{
    IReadOnlyList<Uri> Addresses { get; }

    IReadOnlyList<int> Processes { get; }

    /// <summary>Of all its processes together.</summary>
    TimeSpan Cpu { get; }

    /// <summary>Bytes so far; 0: it does not tell.</summary>
    Task<long> Allocated();
}
