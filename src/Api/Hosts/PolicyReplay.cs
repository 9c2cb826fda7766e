using Agora.Core.Kernel;
using Agora.Journal;
using Agora.Journal.Personal;
using Agora.Replay;
using Agora.Replay.Reading;
using Agora.Web;

namespace Agora.Api.Hosts;

/// <summary>Reads the journal in this process.</summary>
internal sealed class PolicyReplay(IJournal journal, PersonalKeys keys, TimeProvider time) : IPolicyReplay
{
    private int _running;

    public async Task<ReplayReport?> Run(Tenant tenant, ReplayRequest request, CancellationToken cancel)
    {
        if (Interlocked.Exchange(ref _running, 1) == 1) return null;

        try
        {
            return await new PolicyReplayer(journal, keys, time).Run(tenant, request, cancel);
        }
        finally
        {
            Volatile.Write(ref _running, 0);
        }
    }
}
