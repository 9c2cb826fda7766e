using Agora.Contracts;
using Agora.Core.Kernel;

namespace Agora.Api.Desk;

/// <summary>How somebody's sign-ins stand, believed for <see cref="Limits.PersonBelieved"/>: a page costs no read of a stream, and what ends them ends them within that time in every process.</summary>
internal sealed class Believed<TView>(TimeProvider time)
    where TView : class
{
    private readonly Remembered<(string Tenant, string Id), Seen> _seen = new(Limits.PeopleBelieved);

    /// <param name="generation">Of the sign-in. One that is later than what was read is newer than that.</param>
    /// <param name="generationOf">Of what was read.</param>
    /// <param name="read">Null: there is nobody.</param>
    public async ValueTask<TView?> Of(string tenant, string id, long generation, Func<TView, long> generationOf, Func<Task<TView?>> read)
    {
        if (_seen.Of((tenant, id)) is not { } seen || time.GetElapsedTime(seen.At) >= Limits.PersonBelieved || (seen.View is { } known && generation > generationOf(known)))
        {
            var at = time.GetTimestamp();
            seen = _seen.Keep((tenant, id), new(await read(), at));
        }

        return seen.View is { } view && generationOf(view) == generation ? view : null;
    }

    private sealed record Seen(TView? View, long At);
}
