using Agora.Core.Kernel;

namespace Agora.Hosting;

/// <summary>
/// What an issuer said last. It is asked again when that is older than <see cref="Limits.IssuerKeysFresh"/>, and by whoever misses something in it; but within <see cref="Limits.IssuerAskedAgain"/> only once, so
/// nobody makes us ask it often. While it cannot be reached what it said last counts, for <see cref="Limits.IssuerKeysKept"/>.
/// </summary>
/// <param name="read">Null: there is no answer.</param>
internal sealed class Fetched<T>(Func<Task<T?>> read, TimeProvider time)
    where T : class
{
    private readonly Lock _gate = new();
    private Answer? _last;
    private Task<T?>? _asking;
    private long _askedAt;
    private bool _asked;

    private sealed record Answer(T Said, long At);

    /// <returns>Null: nothing is known, and the issuer is out of reach.</returns>
    public async Task<T?> Known() => Within(Limits.IssuerKeysFresh) ?? await Ask() ?? Within(Limits.IssuerKeysKept);

    /// <summary>Whoever comes while it is asked waits for the same answer.</summary>
    /// <returns>Null: there is no new answer.</returns>
    public Task<T?> Ask()
    {
        lock (_gate)
        {
            if (_asking is { IsCompleted: false } asking) return asking;
            if (_asked && time.GetElapsedTime(_askedAt) < Limits.IssuerAskedAgain) return Task.FromResult<T?>(null);

            (_asked, _askedAt) = (true, time.GetTimestamp());
            return _asking = Read();
        }
    }

    private T? Within(TimeSpan age) => _last is { } last && time.GetElapsedTime(last.At) < age ? last.Said : null;

    private async Task<T?> Read()
    {
        if (await read() is not { } said) return null;

        _last = new(said, time.GetTimestamp());
        return said;
    }
}
