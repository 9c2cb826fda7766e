using System.Text.Json.Serialization;

namespace Agora.Core.Wallets;

/// <summary>Generated writers of what a transfer and a run write at their wallets; the options are those of <see cref="Kernel.StoredJson"/>, and a test holds that so are the bytes.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, IgnoreReadOnlyProperties = true, GenerationMode = JsonSourceGenerationMode.Serialization)]
[JsonSerializable(typeof(WalletEvent.Transferred))]
[JsonSerializable(typeof(WalletEvent.HoldReserved))]
[JsonSerializable(typeof(WalletEvent.HoldPosted))]
[JsonSerializable(typeof(WalletEvent.CreditSent))]
[JsonSerializable(typeof(WalletEvent.CreditArrived))]
[JsonSerializable(typeof(WalletEvent.Credited))]
internal sealed partial class WalletJson : JsonSerializerContext;
