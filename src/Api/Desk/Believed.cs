using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Grains.Clocks;

namespace Agora.Api.Desk;

/// <summary>How somebody's sign-ins stand, believed for <see cref="Limits.PersonBelieved"/>: a page costs no read of a stream, and what ends them ends them within that time in every process.</summary>
internal sealed class Believed<TView>(TenantTimes times, TimeProvider time)
    where TView : class
{
    private readonly Remembered<(string Tenant, string Id), Seen> _seen = new(Limits.PeopleBelieved);

    /// <param name="generation">Of the sign-in. One that is later than what was read is newer than that.</param>
    /// <param name="generationOf">Of what was read.</param>
    /// <param name="read">Null: there is nobody. It is not asked of a tenant that there is not.</param>
    public async ValueTask<TView?> Of(string tenant, string id, long generation, Func<TView, long> generationOf, Func<Tenant, Task<TView?>> read)
    {
        if (_seen.Of((tenant, id)) is not { } seen || time.GetElapsedTime(seen.At) >= Limits.PersonBelieved || (seen.View is { } known && generation > generationOf(known)))
        {
            var at = time.GetTimestamp();
            var view = Tenant.Parse(tenant) is { } named && await times.Current(named) is { } current ? await read(current) : null;
            seen = _seen.Keep((tenant, id), new(view, at));
        }

        return seen.View is { } standing && generationOf(standing) == generation ? standing : null;
    }

    /// <summary>Called after a change: the next read asks the stream again.</summary>
    public void Forget(string tenant, string id) => _seen.Forget((tenant, id));

    private sealed record Seen(TView? View, long At);
}
