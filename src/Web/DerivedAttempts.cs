using Agora.Application.Reading;
using Agora.Core.Kernel;

namespace Agora.Web;

/// <summary>
/// Attempts at one thing that is asked for without a key, each under one of <see cref="DerivedKeys"/>. Attempt n + 1 is made only where attempt n is known to have failed, so no two of them are both done, or under
/// way; and each exists only where the one before it does, so however many have failed, the last is found in steps that double, and then halve. Nothing is kept for it: the journal has the keys.
/// </summary>
internal sealed class DerivedAttempts(IJournalReader journal)
{
    /// <param name="credential">Namespace of the keys.</param>
    /// <param name="key">Of attempt n, from 0 on.</param>
    /// <param name="hasFailed">The attempt that it answers came to nothing, and will for ever.</param>
    public async Task<T> Make<T>(Tenant tenant, string credential, Func<int, string> key, Func<string, Task<T>> send, Func<T, bool> hasFailed, CancellationToken cancel)
    {
        var first = await send(key(0));
        if (!hasFailed(first)) return first;

        var last = await Last(tenant, credential, key, 0, cancel);
        var reply = last == 0 ? first : await send(key(last));
        return hasFailed(reply) ? await send(key(last + 1)) : reply;
    }

    /// <returns>The last one under whose key something was decided.</returns>
    /// <param name="known">One that there is; -1: none is known to be.</param>
    public async Task<int> Last(Tenant tenant, string credential, Func<int, string> key, int known, CancellationToken cancel)
    {
        var step = 1;
        while (await Exists(known + step))
        {
            known += step;
            step *= 2;
        }

        for (; step > 1; step /= 2)
        {
            known += await Exists(known + (step / 2)) ? step / 2 : 0;
        }

        return known;

        Task<bool> Exists(int at) => journal.IsKeyed(tenant, credential, key(at), cancel);
    }
}
