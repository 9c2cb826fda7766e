using Agora.Journal;
using Agora.Proof;
using Agora.Proof.Checkpoints;
using Agora.Proof.Keys;
using Agora.Proof.Receipts;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Agora.Api.Proof;

/// <summary>What receipts and proofs are made with, over the host's <see cref="IJournal"/>.</summary>
public static class ProofParts
{
    /// <param name="masterKey">Wraps the signing keys.</param>
    public static IServiceCollection AddProof(this IServiceCollection services, ReadOnlyMemory<byte> masterKey, ProofOptions options)
    {
        services.TryAddSingleton(TimeProvider.System);
        return services.AddSingleton(options)
            .AddSingleton<ICheckpoints>(p => p.GetRequiredService<IJournal>())
            .AddSingleton(p => new SigningKeys(p.GetRequiredService<IJournal>(), masterKey, p.GetRequiredService<TimeProvider>()))
            .AddSingleton<ReceiptBook>()
            .AddSingleton<InclusionProofs>();
    }
}
