using Google.Protobuf;
using Notebook.Links.Protocol;

namespace Notebook.Links
{
    /// <summary>
    /// A message about one replica, perhaps with a Jupyter message in it. Messages about a replica stay in their order;
    /// those about different ones need not: a small one passes a large one of another replica.
    /// </summary>
    public interface ICarriesJupyter : IMessage
    {
        /// <summary>The replica's id.</summary>
        string Replica { get; }

        /// <summary>The Jupyter message; null where there is none.</summary>
        JupyterFrame? Jupyter { get; }

        /// <summary>A copy; byte fields are shared.</summary>
        ICarriesJupyter Copy();
    }
}

namespace Notebook.Links.Protocol
{
    /// <summary>What an agent says on a data link.</summary>
    public sealed partial class AgentToGateway : ICarriesJupyter
    {
        /// <inheritdoc/>
        public string Replica => BodyCase switch
        {
            BodyOneofCase.Attached => Attached.Replica,
            BodyOneofCase.Output => Output.Replica,
            BodyOneofCase.NotHere => NotHere.Replica,
            _ => "",   // a newer agent's word that this version does not know
        };

        /// <inheritdoc/>
        public JupyterFrame? Jupyter => Output?.Message;

        /// <inheritdoc/>
        public ICarriesJupyter Copy() => Clone();
    }

    /// <summary>What a gateway says on a data link.</summary>
    public sealed partial class GatewayToAgent : ICarriesJupyter
    {
        /// <inheritdoc/>
        public string Replica => BodyCase switch
        {
            BodyOneofCase.Attach => Attach.Replica,
            BodyOneofCase.Detach => Detach.Replica,
            BodyOneofCase.Stage => Stage.Replica,
            BodyOneofCase.Discard => Discard.Replica,
            BodyOneofCase.Forward => Forward.Replica,
            BodyOneofCase.Delivered => Delivered.Replica,
            _ => "",   // a newer gateway's word that this version does not know
        };

        /// <inheritdoc/>
        public JupyterFrame? Jupyter => Stage?.Message ?? Forward?.Message;

        /// <inheritdoc/>
        public ICarriesJupyter Copy() => Clone();
    }
}
