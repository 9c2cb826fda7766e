using Agora.Core.Users;

namespace Agora.Simulation.Checks;

/// <summary>No link is made of a generation that was ended.</summary>
public sealed class Links(Findings findings) : IChecker
{
    private readonly Dictionary<string, long> _generations = new(StringComparer.Ordinal);

    public void Happened(Committed committed)
    {
        var (user, known) = (committed.Stream.Id, _generations.GetValueOrDefault(committed.Stream.Id));
        switch (committed.Event)
        {
            case UserEvent.LinkMade e:
                findings.Expect(e.Generation == known, $"A link of user {user} is of generation {e.Generation}, though {known} had begun.");
                break;
            case UserEvent.LinksEnded e:
                findings.Expect(e.Generation == known + 1, $"After generation {known} of the links of user {user}, {e.Generation} begins.");
                _generations[user] = e.Generation;
                break;
        }
    }
}
