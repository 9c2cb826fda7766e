using System.Runtime.CompilerServices;
using Agora.Core.Kernel;
using Agora.Journal;

namespace Agora.Grains.Webhooks;

/// <summary>
/// Reads the feed once for all endpoints of a process. The first endpoint at the end of the feed leads: it reads on, and the others take its windows from memory. Endpoints that want the same kinds of entity share one <see cref="FeedReader"/>.
/// <para>Bound: <see cref="Limits.WebhookBytes"/> of rows per set of kinds that an endpoint follows now.</para>
/// </summary>
internal sealed class SharedFeed(IFeed feed, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, (FeedReader Reader, int Endpoints)> _readers = new(StringComparer.Ordinal);

    /// <summary>As <see cref="IFeed.Follow"/>. All endpoints with the same kinds receive the same windows.</summary>
    public async IAsyncEnumerable<SharedWindow> Follow(FeedCursor after, IReadOnlyList<string> kinds, TimeSpan patience, [EnumeratorCancellation] CancellationToken cancel)
    {
        var name = string.Join(' ', kinds);
        var reader = Enter(name, kinds);
        try
        {
            await foreach (var window in reader.Follow(after, patience, cancel)) yield return window;
        }
        finally
        {
            Leave(name);
        }
    }

    private FeedReader Enter(string name, IReadOnlyList<string> kinds)
    {
        lock (_gate)
        {
            var (reader, endpoints) = _readers.TryGetValue(name, out var known) ? known : (new(feed, kinds, time), 0);
            _readers[name] = (reader, endpoints + 1);
            return reader;
        }
    }

    private void Leave(string name)
    {
        lock (_gate)
        {
            var (reader, endpoints) = _readers[name];
            if (endpoints == 1)
            {
                _readers.Remove(name);
            }
            else
            {
                _readers[name] = (reader, endpoints - 1);
            }
        }
    }
}
