using System.Collections.Immutable;
using System.Text.Json;
using Agora.Core.Kernel;

namespace Agora.Core.Wallets;

/// <summary>Stored names, for ever.</summary>
public static class WalletCodec
{
    public static readonly UnionCodec<WalletEvent> Events = new UnionCodec<WalletEvent>()
        .Case<WalletEvent.Credited>("wallet.credited");

    public static readonly UnionCodec<WalletCommand> Commands = new UnionCodec<WalletCommand>()
        .Case<WalletCommand.Credit>("wallet.credit")
        .Case<WalletCommand.Get>("wallet.get")
        .Case<WalletCommand.Tick>("wallet.tick");

    public static byte[] Save(WalletState state) => JsonSerializer.SerializeToUtf8Bytes(
        new SavedWallet(
            state.Stream.ToString(),
            state.Balance,
            state.CreditedMicros,
            [.. state.Sources.Select(s => new SavedSource(s.Key, s.Value.LastNumber, s.Value.SumMicros))],
            state.UpdatedAt),
        StoredJson.Options);

    public static WalletState Restore(ReadOnlyMemory<byte> saved)
    {
        var wallet = JsonSerializer.Deserialize<SavedWallet>(saved.Span, StoredJson.Options)!;
        return new(
            StreamId.Parse(wallet.Stream),
            wallet.Balance,
            wallet.CreditedMicros,
            wallet.Sources.ToImmutableSortedDictionary(s => s.Source, s => new Source(s.LastNumber, s.SumMicros), StringComparer.Ordinal),
            wallet.UpdatedAt);
    }

    private sealed record SavedWallet(string Stream, Account Balance, long CreditedMicros, ImmutableArray<SavedSource> Sources, DateTimeOffset UpdatedAt);

    private sealed record SavedSource(string Source, long LastNumber, long SumMicros);
}
