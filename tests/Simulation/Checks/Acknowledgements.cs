namespace Agora.Simulation.Checks;

/// <summary>
/// What clients were told: at the moment of an acknowledgement, and ever after, its outcome is in the journal exactly once, and
/// asked again the answer is the same.
/// </summary>
public sealed class Acknowledgements(History history, Findings findings) : IChecker
{
    private readonly List<Acknowledgement> _given = [];

    public int Count => _given.Count;

    public void Happened(Committed committed)
    {
    }

    public void Rest() => _given.ForEach(a => Check(a, "at rest"));

    public void Given(Acknowledgement acknowledgement)
    {
        history.CatchUp();
        Check(acknowledgement, "when it was acknowledged");
        _given.Add(acknowledgement);
    }

    public void Repeated(Acknowledgement first, string answer) => findings.Expect(
        answer == first.Answer, $"{first.What} ({first.CommandId}) was answered {first.Answer} and, sent again, {answer}.");

    private void Check(Acknowledgement a, string when)
    {
        var times = a.InJournal(history);
        findings.Expect(times == 1, $"{a.What} ({a.CommandId}) is in the journal {times} times {when}: {a.Answer}");
    }
}

/// <param name="InJournal">How often the outcome is in the journal; it must be once.</param>
public sealed record Acknowledgement(string What, Guid CommandId, string Answer, Func<History, int> InJournal);
