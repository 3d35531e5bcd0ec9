#include "src/dicom_out/store_scu.h"

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dctk.h>
#include <dcmtk/dcmnet/scu.h>
#include <dcmtk/dcmtls/tlslayer.h>
#include <dcmtk/dcmtls/tlsscu.h>
#include <fmt/format.h>

#include <memory>

#include "imaging/error.h"
#include "src/ingest/dcmtk_setup.h"

namespace cemscope::dicom_out {
namespace {

// Debian's certificates of public authorities.
constexpr const char* kSystemAuthorities = "/etc/ssl/certs/ca-certificates.crt";

constexpr Uint16 kFirstWarning = 0xB000, kLastWarning = 0xBFFF;  // stored, but changed or doubtful (PS3.4 B.2.3)

std::unique_ptr<DcmTLSSCU> make_tls_scu(const TlsOptions& tls) {
  if (tls.certificate.has_value() != tls.key.has_value())
    throw Error(ErrorKind::usage, "a certificate and its key go together; give both or neither");
  DcmTLSTransportLayer::initializeOpenSSL();
  auto scu = std::make_unique<DcmTLSSCU>();
  scu->addTrustedCertFile(tls.authority ? tls.authority->c_str() : kSystemAuthorities);
  scu->setPeerCertVerification(DCV_requireCertificate);
  if (tls.certificate) scu->enableAuthentication(tls.key->c_str(), tls.certificate->c_str());
  return scu;
}

void require_reached(const OFCondition& condition, const StorePeer& peer, const char* what) {
  if (condition.good()) return;
  throw Error(ErrorKind::unreadable, fmt::format("{}:{} {}: {}", peer.host, peer.port, what, condition.text()));
}

std::unique_ptr<DcmSCU> connected(const StorePeer& peer) {
  auto tls_scu = peer.tls ? make_tls_scu(*peer.tls) : nullptr;
  auto* const tls = tls_scu.get();
  std::unique_ptr<DcmSCU> scu = std::move(tls_scu);
  if (!scu) scu = std::make_unique<DcmSCU>();
  scu->setAETitle(peer.our_ae_title.c_str());
  scu->setPeerAETitle(peer.ae_title.c_str());
  scu->setPeerHostName(peer.host.c_str());
  scu->setPeerPort(peer.port);
  scu->setConnectionTimeout(peer.timeout_s);
  scu->setACSETimeout(static_cast<Uint32>(peer.timeout_s));
  scu->setDIMSETimeout(static_cast<Uint32>(peer.timeout_s));
  scu->setDIMSEBlockingMode(DIMSE_NONBLOCKING);
  OFList<OFString> syntaxes;
  syntaxes.push_back(UID_LittleEndianExplicitTransferSyntax);
  syntaxes.push_back(UID_LittleEndianImplicitTransferSyntax);
  for (const auto* sop_class : {UID_SegmentationStorage, UID_Comprehensive3DSRStorage, UID_SecondaryCaptureImageStorage})
    scu->addPresentationContext(sop_class, syntaxes);
  scu->setDatasetConversionMode(OFTrue);
  require_reached(scu->initNetwork(), peer, "cannot be connected to");
  if (tls != nullptr && tls->setTLSProfile(TSP_Profile_BCP195).bad())
    throw Error(ErrorKind::usage, "the TLS profile BCP 195 is not available");
  require_reached(scu->negotiateAssociation(), peer, "does not take the association");
  return scu;
}

StoredFile store(DcmSCU& scu, const std::filesystem::path& path) {
  if (!scu.isConnected()) return {path, false, "the connection was lost before"};
  Uint16 status = 0xFFFF;
  const auto sent = scu.sendSTORERequest(0, path.c_str(), nullptr, status);
  if (sent.bad()) return {path, false, sent.text()};
  const bool is_stored = status == 0 || (status >= kFirstWarning && status <= kLastWarning);
  return {path, is_stored, is_stored ? "" : fmt::format("the peer refused it with status {:04X}", status)};
}

}  // namespace

std::vector<StoredFile> store_files(const StorePeer& peer, const std::vector<std::filesystem::path>& files,
                                    const std::function<void(const StoredFile&)>& on_file) {
  ingest::prepare_dcmtk();
  const auto scu = connected(peer);
  std::vector<StoredFile> stored;
  for (const auto& file : files) {
    stored.push_back(store(*scu, file));
    on_file(stored.back());
  }
  if (scu->isConnected()) scu->releaseAssociation();
  return stored;
}

}  // namespace cemscope::dicom_out
