using System.Text.Json.Serialization;
using Agora.Core.Kernel;

namespace Agora.Core.Nodes;

/// <summary>Money on its way from one fund to one wallet.</summary>
/// <param name="Memo">Of whatever is no item.</param>
/// <param name="Items">Payments that the payee's statement shows each for itself, at most <see cref="Limits.TransferItems"/>; together no more than the amount. Null: none.</param>
/// <param name="SentAt">When it was decided to send it; null in snapshots of a former release.</param>
public sealed record Transfer(long Number, long AmountMicros, string Memo, IReadOnlyList<TransferItem>? Items = null, DateTimeOffset? SentAt = null);

/// <param name="TransferId">The id under which the payer decided it; of a reward, the completion's.</param>
/// <param name="IsReward">It was earned by a task.</param>
public sealed record TransferItem(
    Guid TransferId, long AmountMicros, string Memo, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool IsReward = false);
