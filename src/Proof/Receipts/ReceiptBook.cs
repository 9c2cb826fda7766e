using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Core.Sessions;
using Agora.Journal;
using Agora.Proof.Keys;

namespace Agora.Proof.Receipts;

/// <summary>A signed receipt and what it says.</summary>
public sealed record Receipt(string Token, ReceiptClaims Claims);

/// <summary>Makes receipts on demand: nothing of them is stored.</summary>
public sealed class ReceiptBook(IJournal journal, SigningKeys keys, ProofOptions options)
{
    /// <returns>Null as long as there is no key to sign with.</returns>
    public async Task<Receipt?> Make(Paid paid, CancellationToken cancel)
    {
        if (await keys.Current(cancel) is not { } key) return null;
        var claims = await Claims(paid, cancel);
        return new(claims.Sign(key), claims);
    }

    // The row's personal parts stay sealed: a receipt needs none.
    private async Task<ReceiptClaims> Claims(Paid paid, CancellationToken cancel)
    {
        foreach (var row in await journal.Read(paid.Stream, paid.Seq - 1, 1, cancel))
        {
            var entries = RowCodec.Decode(row);
            for (var entry = 0; entry < entries.Count; entry++)
            {
                for (var index = 0; index < entries[entry].Events.Count; index++)
                {
                    var stored = entries[entry].Events[index];
                    if (SessionEntity.Entity.Events.Decode(stored.Name, stored.Version, stored.Payload, null) is RunEvent.Concluded { Posted: true } concluded && concluded.RunId == paid.RunId)
                    {
                        return ReceiptClaims.Of(options.Issuer, paid, concluded, Timestamps.FromMicros(entries[entry].AtMicros), row, entry, index);
                    }
                }
            }
        }

        throw new InvalidDataException($"{paid.Stream} #{paid.Seq} does not hold the payment of run {paid.RunId}: the query tables are not those of this journal.");
    }
}
