using System.Collections.Immutable;

namespace Agora.Core.Kernel;

/// <summary>
/// When the owner of each open hold is asked next, where any of them said how long it stays open. Soft: a load forgets it, and each owner is asked once more.
/// A book has it only while an inquiry is put off, so that short runs pay nothing for it.
/// </summary>
/// <param name="PutOff">Holds whose owner said so, and until when.</param>
/// <param name="InOrder">All open holds.</param>
public sealed record InquiryTimes(ImmutableSortedDictionary<Guid, DateTimeOffset> PutOff, ImmutableSortedSet<(DateTimeOffset At, Guid Id)> InOrder)
{
    public static InquiryTimes Of(IEnumerable<Guid> open) => new(ImmutableSortedDictionary<Guid, DateTimeOffset>.Empty, [.. open.Select(id => (Usual(id), id))]);

    /// <summary>When an owner that said nothing is asked.</summary>
    public static DateTimeOffset Usual(Guid id) => Ids.TimeOf(id) + Limits.InquiryAfter;

    public InquiryTimes With(Guid id) => this with { InOrder = InOrder.Add((At(id), id)) };

    public InquiryTimes With(Guid id, DateTimeOffset until) => new(PutOff.SetItem(id, until), InOrder.Remove((At(id), id)).Add((until, id)));

    /// <summary>Null: no inquiry is put off any more.</summary>
    public InquiryTimes? Without(Guid id) => PutOff.Remove(id) is { IsEmpty: false } others ? new(others, InOrder.Remove((At(id), id))) : null;

    private DateTimeOffset At(Guid id) => PutOff.TryGetValue(id, out var until) ? until : Usual(id);
}
